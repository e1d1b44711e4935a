#include "query/row_order.h"

#include <algorithm>
#include <compare>
#include <iterator>

#include "query/keyset.h"

namespace chatbot::query {

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
