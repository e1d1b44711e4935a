#include <algorithm>
#include <array>
#include <utility>

#include "chatbot/query.h"
#include "model/json_input.h"
#include "model/refuse.h"
#include "model/text.h"
#include "query/excerpt.h"

namespace chatbot {
namespace {

constexpr std::array<std::pair<std::string_view, FieldType>, 3> kTypes = {{
    {"text", FieldType::text},
    {"integer", FieldType::integer},
    {"real", FieldType::real},
}};

Field always(const char* name, FieldType type, const char* column) {
  return {name, column, type, false, {}};
}

Field always(const char* name, FieldType type) { return always(name, type, name); }

// Workflows of hosts that know no limit have no maxSteps; clients see 10.
Field maxSteps() {
  Field field = always("maxSteps", FieldType::integer, "coalesce(maxSteps, 10)");
  field.ifNull = std::int64_t{10};
  return field;
}

// The name as an SQL identifier.
std::string columnOf(std::string_view name) {
  std::string column = "\"";
  for (const char c : name) {
    if (c == '"') column += '"';
    column += c;
  }
  return column + "\"";
}

FieldType readType(const std::string& name, const Json& type) {
  for (const auto& [text, known] : kTypes) {
    if (type == text) return known;
  }
  refuse("schema: the type of {} must be text, integer or real", excerpt(name));
}

Field readField(const std::string& name, const Json& type) {
  if (name.empty()) refuse("schema: the name of a field must not be empty");
  if (hasControl(name)) refuse("schema: {} must not have control characters", excerpt(name));
  if (name == "search" || name == "searchIn") {
    refuse("schema: the name {} is taken by the filter of that name", excerpt(name));
  }
  return {name, columnOf(name), readType(name, type), true, {}};
}

}  // namespace

const Schema& workflowSchema() {
  static const Schema schema = {
      always("id", FieldType::text),
      always("mandateId", FieldType::text),
      always("name", FieldType::text),
      always("status", FieldType::text),
      always("workflowMode", FieldType::text),
      always("currentRound", FieldType::integer),
      always("currentTask", FieldType::integer),
      always("currentAction", FieldType::integer),
      always("totalTasks", FieldType::integer),
      always("totalActions", FieldType::integer),
      maxSteps(),
      always("startedAt", FieldType::real),
      always("lastActivity", FieldType::real),
      always("_createdBy", FieldType::text, "createdBy"),
      always("_createdAt", FieldType::real, "createdAt"),
  };
  return schema;
}

const Field* findField(const Schema& schema, std::string_view name) noexcept {
  const auto found = std::ranges::find(schema, name, &Field::name);
  return found == schema.end() ? nullptr : &*found;
}

Schema parseSchema(std::string_view json) {
  const std::optional<Json> value = parseJson(json);
  if (!value) refuse("schema must be valid JSON");
  if (!value->is_object()) refuse("schema must be an object");
  Schema schema;
  for (const auto& [name, type] : value->items()) schema.push_back(readField(name, type));
  if (findField(schema, "id") == nullptr) refuse("schema must have a field named \"id\"");
  return schema;
}

}  // namespace chatbot
