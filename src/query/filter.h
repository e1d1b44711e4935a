// One condition of a query: what it is, how it is read, and its two evaluators.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chatbot/query.h"
#include "query/value.h"

namespace chatbot::query {

enum class Operator {
  equals,
  notEquals,
  contains,
  startsWith,
  endsWith,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  in,
  notIn,
  isNull,
  isNotNull,
};

// Holds for a row when it holds for one of `fields`.
struct Filter {
  std::vector<Field> fields;
  Operator operation = Operator::isNull;

  // in and notIn: any number, in the order of compare() and without repetition, so that null is
  // first, and never null alone. isNull and isNotNull: none. Else one that is not null; for
  // contains, startsWith and endsWith a text that foldCase made.
  std::vector<SqlValue> values;

  // The text as the client wrote it, of a search that looks into the rows' messages too.
  std::optional<std::string> inMessages = std::nullopt;
};

using Filters = std::vector<std::shared_ptr<const Filter>>;

// The filters of PaginationParams, an object or null. Throws Error (invalidArgument) naming the
// field at fault.
Filters parseFilters(const base::Json& filters, const Schema& schema);

// Throws Error (invalidArgument): these rows have no messages to be searched.
[[noreturn]] void refuseMessages();

// The database's evaluator. Throws Error (invalidArgument) for a filter that asks for messages
// where `messages` is empty.
SqlCondition toSql(const Filter& filter, const MessagesCondition& messages = {},
                   Folding folding = Folding::inFunctions);

// The in-memory evaluator: whether a field that has `value` satisfies the operation. It knows
// nothing of messages.
bool matches(const Filter& filter, const Value& value);

}  // namespace chatbot::query
