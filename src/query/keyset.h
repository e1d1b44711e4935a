// Going on after a row: what follows it in the order of some keys, for either evaluator.
#pragma once

#include <compare>
#include <span>

#include "chatbot/query.h"
#include "query/value.h"

namespace chatbot::query {

// How two rows stand to each other by one key: null is last in either direction.
std::weak_ordering compareFor(const SortKey& key, const Value& left, const Value& right);

// The rows after the one that has `values`, one for each key; the last key is unique.
SqlCondition rowsAfter(std::span<const SortKey> keys, std::span<const SqlValue> values);

}  // namespace chatbot::query
