// The chat models as JSON text, made from their tables of fields.
#include <string>

#include "base/json_text.h"
#include "chatbot/model.h"
#include "model/fields.h"

namespace chatbot {
namespace {

template <typename Record>
void append(std::string& out, const Record& record, const ItemPlace& place);

// One item's fields are those of its content and those of its place.
template <typename Record, typename T>
void write(base::JsonObject& out, const model::Field<Record, T>& field, const Record& record,
           const ItemPlace&) {
  model::writeField(out, field.facts, record.*field.member);
}

template <typename Record, typename T>
void write(base::JsonObject& out, const model::Field<ItemPlace, T>& field, const Record&,
           const ItemPlace& place) {
  model::writeField(out, field.facts, place.*field.member);
}

void write(base::JsonObject& out, const model::Field<Message, std::vector<Document>>& field,
           const Message& message, const ItemPlace& place) {
  base::JsonArray list(out.begin(field.facts.name));
  for (const Document& document : message.*field.member) append(list.next(), document, place);
  list.close();
}

template <typename Record>
void append(std::string& out, const Record& record, const ItemPlace& place) {
  base::JsonObject object(out);
  model::forEach(model::Kind<Record>::fields,
                 [&](const auto& field) { write(object, field, record, place); });
  object.close();
}

}  // namespace

std::string toJson(const Workflow& workflow) {
  std::string out;
  base::JsonObject object(out);
  model::forEach(model::kWorkflowFields, [&](const auto& field) {
    if (!field.facts.name.empty()) {
      model::writeField(object, field.facts, workflow.*field.member);
    }
  });
  object.close();
  return out;
}

std::string toJson(const Document& document, std::optional<std::int64_t> round) {
  std::string out;
  append(out, document, ItemPlace{.workflowId = {}, .seq = 0, .round = round, .createdAt = 0});
  return out;
}

std::string toJson(const ItemContent& content, const ItemPlace& place) {
  std::string out = "{\"type\":\"";
  out += model::typeOf(content);
  out += "\",\"createdAt\":";
  base::appendJsonNumber(out, place.createdAt);
  out += ",\"item\":";
  std::visit([&](const auto& item) { append(out, item, place); }, content);
  out += '}';
  return out;
}

}  // namespace chatbot
