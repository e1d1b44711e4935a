// The values that rows and filters hold.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/json_input.h"
#include "chatbot/query.h"

namespace chatbot::query {

// Null, a number or text. Text is borrowed.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;

// The value as a field of `type` has it, or nothing where it does not fit. Null fits every type.
std::optional<Value> readValue(const base::Json& json, FieldType type);

// A type in words: "text" or "a number".
std::string_view nameOf(FieldType type) noexcept;

inline bool isNull(const Value& value) noexcept { return value.index() == 0; }

Value borrow(const SqlValue& value);
SqlValue own(const Value& value);

// Null comes before numbers, numbers come before text. Integers and reals compare by exact value,
// text by code point. There is no NaN: JSON has none.
std::weak_ordering compare(const Value& left, const Value& right);

}  // namespace chatbot::query
