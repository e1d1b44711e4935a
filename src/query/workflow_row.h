// Workflows as rows of a query: the fields that clients sort and filter by, and their values.
#pragma once

#include <optional>
#include <string>

#include "chatbot/model.h"
#include "chatbot/query.h"

namespace chatbot::query {

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
