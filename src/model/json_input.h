// Reading JSON that comes from outside.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace chatbot {

using Json = nlohmann::json;

// Deeper nesting than this is refused: it has no use here, and what walks it may recurse.
inline constexpr int kMaxJsonDepth = 64;

// The value, or nothing for text that is not JSON (RFC 8259), not UTF-8, holds a number that no
// double can hold, or is nested deeper than kMaxJsonDepth.
std::optional<Json> parseJson(std::string_view text);

}  // namespace chatbot
