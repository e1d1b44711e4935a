#include "query/row_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <iterator>

namespace chatbot::query {
namespace {

// Rows whose key comes after a value, in SQL. `orEqual` is "=" for those that have the value too.
std::string follows(const SortKey& key, std::string_view orEqual) {
  const std::string& column = key.field.column;
  const char sign = key.descending ? '<' : '>';
  if (!key.field.nullable) return fmt::format("{} {}{} ?", column, sign, orEqual);
  return fmt::format("({0} {1}{2} ? OR {0} IS NULL)", column, sign, orEqual);
}

}  // namespace

std::weak_ordering compareFor(const SortKey& key, const Value& left, const Value& right) {
  if (isNull(left) || isNull(right)) return isNull(left) <=> isNull(right);
  return key.descending ? compare(right, left) : compare(left, right);
}

// The bound on the first key alone comes first in the condition: an index is entered there.
SqlCondition rowsAfter(std::span<const SortKey> keys, std::span<const SqlValue> values) {
  const SortKey& key = keys.front();
  const SqlValue& value = values.front();
  if (keys.size() == 1) return {follows(key, ""), {value}};
  SqlCondition rest = rowsAfter(keys.subspan(1), values.subspan(1));
  if (isNull(borrow(value))) {
    return {fmt::format("({} IS NULL AND {})", key.field.column, rest.text),
            std::move(rest.values)};
  }
  SqlCondition after{
      fmt::format("({} AND ({} OR {}))", follows(key, "="), follows(key, ""), rest.text),
      {value, value}};
  std::move(rest.values.begin(), rest.values.end(), std::back_inserter(after.values));
  return after;
}

RowOrder::RowOrder(const RowTable& rows, std::span<const std::size_t> places,
                   std::span<const SortKey> keys)
    : keys_(keys), values_(rows.size() * keys.size()) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t column = rows.columnOf(keys[i].field);
    for (const std::size_t place : places) {
      values_[place * keys.size() + i] = rows.value(place, column);
    }
  }
}

bool RowOrder::operator()(std::size_t left, std::size_t right) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto order = compareFor(keys_[i], valuesOf(left)[i], valuesOf(right)[i]);
    if (std::is_neq(order)) return std::is_lt(order);
  }
  return false;
}

bool RowOrder::isAfter(std::size_t place, std::span<const SqlValue> position) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto order = compareFor(keys_[i], valuesOf(place)[i], borrow(position[i]));
    if (std::is_neq(order)) return std::is_gt(order);
  }
  return false;
}

std::vector<SqlValue> RowOrder::positionOf(std::size_t place) const {
  std::vector<SqlValue> position;
  std::ranges::transform(valuesOf(place), std::back_inserter(position), own);
  return position;
}

}  // namespace chatbot::query
