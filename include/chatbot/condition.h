/// @file
/// A condition that the database evaluates. Values are bound, never pasted into the text.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace chatbot {

/// A value to bind: null, integer, real or text (UTF-8, may contain NUL).
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// `text` is a complete SQL expression with one `?` for each of `values`, in their order.
struct SqlCondition {
  std::string text;
  std::vector<SqlValue> values;
};

}  // namespace chatbot
