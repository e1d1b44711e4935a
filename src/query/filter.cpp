#include "query/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <iterator>

#include "base/text.h"

namespace chatbot::query {
namespace {

bool isListed(const std::vector<SqlValue>& values, const Value& value) {
  const auto before = [](const Value& left, const Value& right) {
    return std::is_lt(compare(left, right));
  };
  return std::ranges::binary_search(values, value, before, borrow);
}

// An order or a match of text, for which null never holds.
bool holds(Operator operation, const Value& value, const Value& asked) {
  const std::weak_ordering order = compare(value, asked);
  switch (operation) {
    case Operator::contains:
      return base::containsFolded(std::get<std::string_view>(value),
                                  std::get<std::string_view>(asked));
    case Operator::startsWith:
      return base::startsWithFolded(std::get<std::string_view>(value),
                                    std::get<std::string_view>(asked));
    case Operator::endsWith:
      return base::endsWithFolded(std::get<std::string_view>(value),
                                  std::get<std::string_view>(asked));
    case Operator::greater:
      return std::is_gt(order);
    case Operator::greaterOrEqual:
      return std::is_gteq(order);
    case Operator::less:
      return std::is_lt(order);
    case Operator::lessOrEqual:
      return std::is_lteq(order);
    default:
      return false;
  }
}

bool listsNull(const std::vector<SqlValue>& values) {
  return !values.empty() && isNull(borrow(values.front()));
}

// " IN (?, ?)", one mark for each value that is not null, or " NOT IN …".
std::string listOf(const std::vector<SqlValue>& values, std::string_view name) {
  std::string list = fmt::format(" {} (", name);
  const std::size_t count = values.size() - (listsNull(values) ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) list += i == 0 ? "?" : ", ?";
  return list + ")";
}

// Standard SQL has no empty list, and its `null IN (…)` is null, neither true nor false.
std::string inList(const std::string& column, const std::vector<SqlValue>& values) {
  if (values.empty()) return "FALSE";
  const std::string list = column + listOf(values, "IN");
  return listsNull(values) ? fmt::format("({} OR {} IS NULL)", list, column) : list;
}

std::string notInList(const std::string& column, const std::vector<SqlValue>& values) {
  if (values.empty()) return "TRUE";
  const std::string list = column + listOf(values, "NOT IN");
  if (listsNull(values)) return fmt::format("({} AND {} IS NOT NULL)", list, column);
  return fmt::format("({} OR {} IS NULL)", list, column);
}

std::string differs(const Field& field) {
  if (!field.nullable) return field.column + " <> ?";
  return fmt::format("({0} <> ? OR {0} IS NULL)", field.column);
}

std::string withoutCase(const Field& field, Folding folding) {
  if (folding == Folding::inFunctions || field.foldedColumn.empty()) return field.column;
  return fmt::format("coalesce({}, {})", field.foldedColumn, field.column);
}

std::string expression(const Field& field, const Filter& filter, Folding folding) {
  const std::string& column = field.column;
  switch (filter.operation) {
    case Operator::equals:
      return column + " = ?";
    case Operator::notEquals:
      return differs(field);
    case Operator::contains:
      return fmt::format("chatbot_contains({}, ?)", withoutCase(field, folding));
    case Operator::startsWith:
      return fmt::format("chatbot_starts_with({}, ?)", withoutCase(field, folding));
    case Operator::endsWith:
      return fmt::format("chatbot_ends_with({}, ?)", withoutCase(field, folding));
    case Operator::greater:
      return column + " > ?";
    case Operator::greaterOrEqual:
      return column + " >= ?";
    case Operator::less:
      return column + " < ?";
    case Operator::lessOrEqual:
      return column + " <= ?";
    case Operator::in:
      return inList(column, filter.values);
    case Operator::notIn:
      return notInList(column, filter.values);
    case Operator::isNull:
      return column + " IS NULL";
    case Operator::isNotNull:
      return column + " IS NOT NULL";
  }
  return "FALSE";
}

SqlCondition fieldsMatch(const Filter& filter, Folding folding) {
  SqlCondition condition;
  for (const Field& field : filter.fields) {
    if (!condition.text.empty()) condition.text += " OR ";
    condition.text += expression(field, filter, folding);
    for (const SqlValue& value : filter.values) {
      if (!isNull(borrow(value))) condition.values.push_back(value);
    }
  }
  if (filter.fields.empty()) condition.text = "FALSE";
  return condition;
}

}  // namespace

bool matches(const Filter& filter, const Value& value) {
  switch (filter.operation) {
    case Operator::equals:
      return std::is_eq(compare(value, borrow(filter.values.front())));
    case Operator::notEquals:
      return std::is_neq(compare(value, borrow(filter.values.front())));
    case Operator::in:
      return isListed(filter.values, value);
    case Operator::notIn:
      return !isListed(filter.values, value);
    case Operator::isNull:
      return isNull(value);
    case Operator::isNotNull:
      return !isNull(value);
    default:
      return !isNull(value) && holds(filter.operation, value, borrow(filter.values.front()));
  }
}

SqlCondition toSql(const Filter& filter, const MessagesCondition& messages, Folding folding) {
  SqlCondition condition = fieldsMatch(filter, folding);
  if (filter.inMessages) {
    if (!messages) refuseMessages();
    SqlCondition inMessages = messages(*filter.inMessages);
    condition.text += " OR " + inMessages.text;
    std::ranges::move(inMessages.values, std::back_inserter(condition.values));
  }
  const bool hasParts = filter.fields.size() > 1 || filter.inMessages;
  if (hasParts) condition.text = "(" + condition.text + ")";
  return condition;
}

}  // namespace chatbot::query
