#include "openai/surrogates.h"

#include <charconv>
#include <utility>

namespace chatbot::openai {
namespace {

constexpr std::size_t kEscape = 6;  // \uXXXX
constexpr std::string_view kReplacement = "\\ufffd";

// The code unit of an escape that the text begins with; 0 where it begins with none.
unsigned unitOf(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < kEscape || !text.starts_with("\\u")) return unit;
  const char* const end = text.data() + kEscape;
  return std::from_chars(text.data() + 2, end, unit, 16).ptr == end ? unit : 0;
}

bool isHigh(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLow(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

std::string_view Surrogates::joined(std::string_view json) {
  if (json.find("\\u") == std::string_view::npos) return json;
  mended_.clear();
  next_.clear();
  const bool wasHalf = !half_.empty();
  bool isUsed = false;
  while (!json.empty()) {
    const std::size_t plain = json.find('\\');
    mended_ += json.substr(0, plain);
    if (plain == std::string_view::npos) break;
    json.remove_prefix(plain);
    isUsed = isUsed || isLow(unitOf(json));
    readEscape(json);
  }
  if (!next_.empty() || (wasHalf && isUsed)) half_ = std::exchange(next_, {});
  return mended_;
}

void Surrogates::readEscape(std::string_view& json) {
  const unsigned unit = unitOf(json);
  const bool isPair = isHigh(unit) && isLow(unitOf(json.substr(kEscape)));
  const std::size_t size = isPair ? 2 * kEscape : (unit != 0 ? kEscape : 2);
  const std::string_view escape = json.substr(0, size);
  json.remove_prefix(escape.size());
  if (isPair || (!isHigh(unit) && !isLow(unit))) {
    mended_ += escape;
  } else if (isHigh(unit) && json.starts_with('"')) {
    next_ = escape;
  } else if (isLow(unit) && !half_.empty()) {
    mended_.append(half_).append(escape);
  } else {
    mended_ += kReplacement;
  }
}

}  // namespace chatbot::openai
