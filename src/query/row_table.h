// Rows in memory: the values of their fields, of JSON rows and of workflows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
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

// The value of a member of Workflow as its column holds it.
inline SqlValue toSqlValue(const std::string& text) { return text; }
inline SqlValue toSqlValue(std::int64_t value) { return value; }
inline SqlValue toSqlValue(double value) { return value; }
inline SqlValue toSqlValue(WorkflowStatus status) { return std::string(toText(status)); }
template <typename T>
SqlValue toSqlValue(const std::optional<T>& value) {
  return value ? toSqlValue(*value) : SqlValue();
}

// The value of a field of workflowSchema(): a default stands in the place of null.
SqlValue valueOf(const Workflow& workflow, const Field& field);

}  // namespace chatbot::query
