// Reading JSON that comes from outside: parsed, walked, or split without parsing it.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

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

// The member `name` of an object, or null where it has none.
inline const Json& memberOf(const Json& object, std::string_view name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

// Walks the places of `[`, `]`, `{`, `}` and `,` that are no part of a string. Right for any text
// that is JSON; for others the walk ends too, somewhere.
class JsonMarks {
 public:
  explicit JsonMarks(std::string_view json) noexcept : json_(json) {}

  // The next place, or npos at the end.
  std::size_t next() noexcept {
    while (place_ < json_.size()) {
      const std::size_t here = place_;
      place_ = json_[here] == '"' ? endOfString(here) : here + 1;
      if (isMark(json_[here])) return here;
    }
    return std::string_view::npos;
  }

  // How much deeper the text is nested after the mark than before it.
  static int nesting(char mark) noexcept {
    if (mark == '[' || mark == '{') return 1;
    return mark == ',' ? 0 : -1;
  }

 private:
  static bool isMark(char c) noexcept {
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
  }

  // The place after the string whose opening quote is at `start`.
  std::size_t endOfString(std::size_t start) const noexcept {
    std::size_t end = start + 1;
    while (end < json_.size() && json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
    return end + 1;
  }

  std::string_view json_;
  std::size_t place_ = 0;
};

// The text of each element, without white space around it. `json` is a valid JSON list; the result
// is views into it.
std::vector<std::string_view> splitList(std::string_view json);

}  // namespace chatbot::base
