// Rows in memory: the values of their fields.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/query.h"
#include "query/value.h"

namespace chatbot::query {

class RowTable {
 public:
  // Reads a JSON list of objects. An absent field is null, and null reads as the field's `ifNull`.
  // Throws Error (invalidArgument) naming the row and field at fault. Borrows the schema, which is
  // not empty.
  RowTable(std::string_view json, const Schema& schema);
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;

  std::size_t size() const noexcept { return values_.size() / schema_.size(); }

  // The column of a field of the schema.
  std::size_t columnOf(const Field& field) const noexcept;

  const Value& value(std::size_t row, std::size_t column) const noexcept {
    return values_[row * schema_.size() + column];
  }

 private:
  class Reader;

  const Schema& schema_;
  std::string texts_;          // that the values are views into; it never grows beyond its capacity
  std::vector<Value> values_;  // for each row, one for each field
};

}  // namespace chatbot::query
