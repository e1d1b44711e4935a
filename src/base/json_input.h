// Reading JSON that comes from outside.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace chatbot::base {

using Json = nlohmann::json;

// Deeper nesting than this is refused: it has no use here, and what walks it may recurse.
inline constexpr int kMaxJsonDepth = 64;

// The value, or nothing for text that is not JSON (RFC 8259), not UTF-8, holds a number that no
// double can hold, or is nested deeper than kMaxJsonDepth.
std::optional<Json> parseJson(std::string_view text);

// Is told of what stands in a JSON text, from its start to its end.
class JsonWalker : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }
};

// False where parseJson gives nothing; the walker has then been told of a part.
bool walkJson(std::string_view text, JsonWalker& walker);

// A place in a text, for people who wrote it by hand.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;  // code points from the line's start; of no UTF-8: about
};

// Where parseJson gives up: the last character of what it cannot read, or the text's end. Nothing
// for text that it reads.
std::optional<TextPlace> findJsonFault(std::string_view text);

}  // namespace chatbot::base
