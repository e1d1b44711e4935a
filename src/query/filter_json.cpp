// Filters as clients write them.
#include <algorithm>
#include <array>
#include <compare>
#include <string_view>
#include <utility>

#include "base/json_input.h"
#include "base/message.h"
#include "query/filter.h"

namespace chatbot::query {
namespace {

constexpr std::string_view kSearch = "search";
constexpr std::string_view kSearchIn = "searchIn";
constexpr std::string_view kMessages = "messages";

constexpr std::array<std::pair<std::string_view, Operator>, 15> kOperators = {{
    {"equals", Operator::equals},
    {"eq", Operator::equals},
    {"notEquals", Operator::notEquals},
    {"ne", Operator::notEquals},
    {"contains", Operator::contains},
    {"startsWith", Operator::startsWith},
    {"endsWith", Operator::endsWith},
    {"gt", Operator::greater},
    {"gte", Operator::greaterOrEqual},
    {"lt", Operator::less},
    {"lte", Operator::lessOrEqual},
    {"in", Operator::in},
    {"notIn", Operator::notIn},
    {"isNull", Operator::isNull},
    {"isNotNull", Operator::isNotNull},
}};

SqlValue readScalar(const Field& field, const base::Json& json) {
  const std::optional<Value> value = readValue(json, field.type);
  if (!value) base::refuse("filters.{} must be compared with {}", field.name, nameOf(field.type));
  return own(*value);
}

// Equality with null is a question of its own.
Filter equality(const Field& field, bool isEqual, const base::Json& json) {
  if (json.is_null()) return {{field}, isEqual ? Operator::isNull : Operator::isNotNull, {}};
  const Operator operation = isEqual ? Operator::equals : Operator::notEquals;
  return {{field}, operation, {readScalar(field, json)}};
}

bool isLess(const SqlValue& left, const SqlValue& right) {
  return std::is_lt(compare(borrow(left), borrow(right)));
}

bool isSame(const SqlValue& left, const SqlValue& right) {
  return std::is_eq(compare(borrow(left), borrow(right)));
}

std::vector<SqlValue> readList(const Field& field, const base::Json& json) {
  if (!json.is_array()) base::refuse("filters.{} must be compared with a list", field.name);
  if (json.size() > kMaxListValues) {
    base::refuse("filters.{} must list at most {} values", field.name, kMaxListValues);
  }
  std::vector<SqlValue> values;
  for (const base::Json& value : json) values.push_back(readScalar(field, value));
  std::ranges::sort(values, isLess);
  values.erase(std::unique(values.begin(), values.end(), isSame), values.end());
  return values;
}

Filter membership(const Field& field, bool isMember, const base::Json& json) {
  std::vector<SqlValue> values = readList(field, json);
  const bool isNullAlone = values.size() == 1 && isNull(borrow(values.front()));
  if (isNullAlone) return equality(field, isMember, nullptr);
  return {{field}, isMember ? Operator::in : Operator::notIn, std::move(values)};
}

Filter textMatch(const Field& field, Operator operation, const base::Json& json) {
  if (field.type != FieldType::text) {
    base::refuse("filters.{} is a number and cannot be searched as text", field.name);
  }
  if (!json.is_string()) base::refuse("filters.{} must be compared with text", field.name);
  return {{field}, operation, {base::foldForms(json.get_ref<const std::string&>())}};
}

Filter order(const Field& field, Operator operation, const base::Json& json) {
  if (json.is_null()) base::refuse("filters.{} cannot be more or less than null", field.name);
  return {{field}, operation, {readScalar(field, json)}};
}

Filter makeFilter(const Field& field, Operator operation, const base::Json& value) {
  switch (operation) {
    case Operator::equals:
    case Operator::notEquals:
      return equality(field, operation == Operator::equals, value);
    case Operator::in:
    case Operator::notIn:
      return membership(field, operation == Operator::in, value);
    case Operator::contains:
    case Operator::startsWith:
    case Operator::endsWith:
      return textMatch(field, operation, value);
    case Operator::isNull:
    case Operator::isNotNull:
      return {{field}, operation, {}};
    default:
      return order(field, operation, value);
  }
}

Operator readOperator(const Field& field, const base::Json& filter) {
  const auto given = filter.find("operator");
  if (given == filter.end()) base::refuse("filters.{}.operator is missing", field.name);
  if (!given->is_string()) base::refuse("filters.{}.operator must be a string", field.name);
  const auto& name = given->get_ref<const std::string&>();
  const auto known = std::ranges::find(kOperators, name, [](auto& entry) { return entry.first; });
  if (known == kOperators.end()) {
    base::refuse("filters.{}.operator: unknown operator {}", field.name, base::excerpt(name));
  }
  return known->second;
}

Filter readOperation(const Field& field, const base::Json& filter) {
  const Operator operation = readOperator(field, filter);
  const bool needsValue = operation != Operator::isNull && operation != Operator::isNotNull;
  const auto value = filter.find("value");
  if (value != filter.end()) return makeFilter(field, operation, *value);
  if (needsValue) base::refuse("filters.{}.value is missing", field.name);
  return makeFilter(field, operation, nullptr);
}

Filter readFilter(const Field& field, const base::Json& filter) {
  if (filter.is_object()) return readOperation(field, filter);
  return makeFilter(field, filter.is_array() ? Operator::in : Operator::equals, filter);
}

Filter readSearch(const base::Json& text, const Schema& schema) {
  if (!text.is_string()) base::refuse("filters.search must be a string");
  Filter filter;
  filter.operation = Operator::contains;
  filter.values = {base::foldForms(text.get_ref<const std::string&>())};
  std::ranges::copy_if(schema, std::back_inserter(filter.fields),
                       [](const Field& field) { return field.type == FieldType::text; });
  return filter;
}

// Whether the search is to look into messages too.
bool readSearchIn(const base::Json& filters) {
  const base::Json& where = base::memberOf(filters, kSearchIn);
  if (where.is_null()) return false;
  if (where != kMessages) base::refuse("filters.searchIn must be \"messages\"");
  if (!filters.contains(kSearch)) base::refuse("filters.searchIn needs filters.search");
  return true;
}

Filter readMember(const std::string& name, const base::Json& filter, const Schema& schema) {
  const Field* field = findField(schema, name);
  if (field == nullptr) base::refuse("filters: unknown field {}", base::excerpt(name));
  return readFilter(*field, filter);
}

}  // namespace

Filters parseFilters(const base::Json& filters, const Schema& schema) {
  Filters parsed;
  if (filters.is_null()) return parsed;
  if (!filters.is_object()) base::refuse("filters must be an object");
  const bool inMessages = readSearchIn(filters);
  for (const auto& [name, filter] : filters.items()) {
    if (name == kSearchIn) continue;
    Filter one = name == kSearch ? readSearch(filter, schema) : readMember(name, filter, schema);
    if (name == kSearch && inMessages) one.inMessages = filter.get<std::string>();
    parsed.push_back(std::make_shared<const Filter>(std::move(one)));
  }
  return parsed;
}

void refuseMessages() { base::refuse("filters.searchIn: these rows have no messages"); }

}  // namespace chatbot::query
