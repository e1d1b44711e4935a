// The order of rows by some keys, for either evaluator: how they compare, and what follows one of
// them.
#pragma once

#include <compare>
#include <cstddef>
#include <span>
#include <vector>

#include "chatbot/query.h"
#include "query/row_table.h"
#include "query/value.h"

namespace chatbot::query {

// How two rows stand to each other by one key: null is last in either direction.
std::weak_ordering compareFor(const SortKey& key, const Value& left, const Value& right);

// The rows after the one that has `values`, one for each key; the last key is unique.
SqlCondition rowsAfter(std::span<const SortKey> keys, std::span<const SqlValue> values);

// Rows are known by their places in `rows`, whose texts it borrows, as it does the keys.
class RowOrder {
 public:
  // For the rows at `places` alone.
  RowOrder(const RowTable& rows, std::span<const std::size_t> places,
           std::span<const SortKey> keys);

  bool operator()(std::size_t left, std::size_t right) const;  // whether left comes first

  bool isAfter(std::size_t place, std::span<const SqlValue> position) const;
  std::vector<SqlValue> positionOf(std::size_t place) const;

 private:
  std::span<const Value> valuesOf(std::size_t place) const {
    return std::span(values_).subspan(place * keys_.size(), keys_.size());
  }

  std::span<const SortKey> keys_;
  std::vector<Value> values_;  // for each row, one for each key
};

}  // namespace chatbot::query
