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

// A place in a text, for people who wrote it by hand.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;  // code points from the line's start; of no UTF-8: about
};

// Where parseJson gives up: the last character of what it cannot read, or the text's end. Nothing
// for text that it reads.
std::optional<TextPlace> findJsonFault(std::string_view text);

}  // namespace chatbot
