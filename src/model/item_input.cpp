// Items as responders write them, read by the items' tables of fields.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/json_input.h"
#include "base/message.h"
#include "chatbot/model.h"
#include "model/fields.h"

namespace chatbot {
namespace {

// Reads members of one JSON object; what is absent or null keeps its default. `where` names the
// object in what it refuses.
class ItemReader {
 public:
  ItemReader(const base::Json& object, std::string_view where) : object_(object), where_(where) {
    if (!object.is_object()) base::refuse("{} must be an object", where_);
  }

  void read(const model::FieldFacts& facts, std::string& out) const {
    if (const base::Json* value = find(facts.name)) {
      if (!value->is_string()) refuse(facts.name, "a string");
      out = value->get<std::string>();
    }
    if (facts.choices.empty() || std::ranges::find(facts.choices, out) != facts.choices.end()) {
      return;
    }
    refuse(facts.name, fmt::format("one of {}", fmt::join(facts.choices, ", ")));
  }

  void read(const model::FieldFacts& facts, std::int64_t& out) const {
    const base::Json* value = find(facts.name);
    if (value == nullptr) return;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    const bool fits = !value->is_number_unsigned() || value->get<std::uint64_t>() <= kLargest;
    if (!value->is_number_integer() || !fits) refuse(facts.name, "an integer");
    out = value->get<std::int64_t>();
  }

  void read(const model::FieldFacts& facts, double& out) const {
    const base::Json* value = find(facts.name);
    if (value == nullptr) return;
    if (!value->is_number()) refuse(facts.name, "a number");
    out = value->get<double>();
    if (facts.isFraction && !(out >= 0 && out <= 1)) refuse(facts.name, "from 0 to 1");
  }

  void read(const model::FieldFacts& facts, bool& out) const {
    const base::Json* value = find(facts.name);
    if (value == nullptr) return;
    if (!value->is_boolean()) refuse(facts.name, "true or false");
    out = value->get<bool>();
  }

  template <typename T>
  void read(const model::FieldFacts& facts, std::optional<T>& out) const {
    if (find(facts.name) != nullptr) read(facts, out.emplace());
  }

  // A list of records that have tables of their own.
  template <typename Record>
  void read(const model::FieldFacts& facts, std::vector<Record>& out) const;

  const base::Json& objectNamed(std::string_view name) const {
    const base::Json* value = find(name);
    if (value == nullptr) refuse(name, "an object");
    return *value;
  }

 private:
  const base::Json* find(std::string_view name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] void refuse(std::string_view name, std::string_view expected) const {
    base::refuse("{}.{} must be {}", where_, name, expected);
  }

  const base::Json& object_;
  std::string where_;
};

template <typename Record, typename T>
void readInto(Record& record, const model::Field<Record, T>& field, const ItemReader& reader) {
  if (field.facts.isReadBack) reader.read(field.facts, record.*field.member);
}

// The store gives an item its place.
template <typename Record, typename T>
void readInto(Record&, const model::Field<ItemPlace, T>&, const ItemReader&) {}

template <typename Record>
Record readRecord(const base::Json& json, std::string_view where) {
  const ItemReader reader(json, where);
  Record record;
  model::forEach(model::Kind<Record>::fields,
                 [&](const auto& field) { readInto(record, field, reader); });
  return record;
}

template <typename Record>
void ItemReader::read(const model::FieldFacts& facts, std::vector<Record>& out) const {
  const base::Json* list = find(facts.name);
  if (list == nullptr) return;
  if (!list->is_array()) refuse(facts.name, "a list");
  for (const base::Json& entry : *list) {
    out.push_back(
        readRecord<Record>(entry, fmt::format("{}.{}[{}]", where_, facts.name, out.size())));
  }
}

// `place` stands before the names of its fields.
ItemContent readItem(const base::Json& json, const std::string& place = {}) {
  const ItemReader reader(json, place.empty() ? "the item" : place);
  std::string type;
  reader.read({.name = "type", .choices = model::kItemTypes}, type);
  const base::Json& item = reader.objectNamed("item");
  const std::string where = place.empty() ? "item" : place + ".item";
  if (type == model::Kind<Message>::type) return readRecord<Message>(item, where);
  if (type == model::Kind<Log>::type) return readRecord<Log>(item, where);
  return readRecord<Stat>(item, where);
}

base::Json parseItems(std::string_view json) {
  std::optional<base::Json> parsed = base::parseJson(json);
  if (!parsed) base::refuse("the item is not valid JSON");
  return *std::move(parsed);
}

}  // namespace

ItemContent parseItemContent(std::string_view json) { return readItem(parseItems(json)); }

std::vector<ItemContent> parseItemContents(std::string_view json) {
  const base::Json parsed = parseItems(json);
  if (!parsed.is_array()) return {readItem(parsed)};
  if (parsed.empty()) base::refuse("the list of items is empty");
  std::vector<ItemContent> items;
  for (const base::Json& item : parsed) {
    items.push_back(readItem(item, fmt::format("[{}]", items.size())));
  }
  return items;
}

}  // namespace chatbot
