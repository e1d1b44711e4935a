#include <algorithm>
#include <array>
#include <utility>

#include "base/json_input.h"
#include "base/message.h"
#include "base/text.h"
#include "chatbot/query.h"

namespace chatbot {
namespace {

constexpr std::array<std::pair<std::string_view, FieldType>, 3> kTypes = {{
    {"text", FieldType::text},
    {"integer", FieldType::integer},
    {"real", FieldType::real},
}};

// The name as an SQL identifier.
std::string columnOf(std::string_view name) {
  std::string column = "\"";
  for (const char c : name) {
    if (c == '"') column += '"';
    column += c;
  }
  return column + "\"";
}

FieldType readType(const std::string& name, const base::Json& type) {
  for (const auto& [text, known] : kTypes) {
    if (type == text) return known;
  }
  base::refuse("schema: the type of {} must be text, integer or real", base::excerpt(name));
}

Field readField(const std::string& name, const base::Json& type) {
  if (name.empty()) base::refuse("schema: the name of a field must not be empty");
  if (base::hasControl(name))
    base::refuse("schema: {} must not have control characters", base::excerpt(name));
  if (name == "search" || name == "searchIn") {
    base::refuse("schema: the name {} is taken by the filter of that name", base::excerpt(name));
  }
  return {name, columnOf(name), readType(name, type), true, {}, {}};
}

}  // namespace

const Field* findField(const Schema& schema, std::string_view name) noexcept {
  const auto found = std::ranges::find(schema, name, &Field::name);
  return found == schema.end() ? nullptr : &*found;
}

Schema parseSchema(std::string_view json) {
  const std::optional<base::Json> value = base::parseJson(json);
  if (!value) base::refuse("schema must be valid JSON");
  if (!value->is_object()) base::refuse("schema must be an object");
  Schema schema;
  for (const auto& [name, type] : value->items()) schema.push_back(readField(name, type));
  if (findField(schema, "id") == nullptr) base::refuse("schema must have a field named \"id\"");
  return schema;
}

}  // namespace chatbot
