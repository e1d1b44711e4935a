// Finding one's way in a JSON text without parsing it.
#pragma once

#include <cstddef>
#include <string_view>

namespace chatbot::base {

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

}  // namespace chatbot::base
