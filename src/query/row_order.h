// Rows in memory in the order of some keys.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chatbot/query.h"
#include "query/row_table.h"
#include "query/value.h"

namespace chatbot::query {

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
