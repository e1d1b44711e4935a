#include "query/text_match.h"

#include <algorithm>

#include "model/text.h"

namespace chatbot {
namespace {

bool isAscii(std::string_view text) noexcept {
  unsigned char bits = 0;
  for (const char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
  return bits < 0x80;
}

// Whether an ASCII character folds to `folded`.
bool foldsTo(char c, char folded) noexcept {
  const bool isUpper = c >= 'A' && c <= 'Z';
  return (isUpper ? static_cast<char>(c - 'A' + 'a') : c) == folded;
}

}  // namespace

// A search asks for each row, so ASCII, the common case, is compared in place; foldCase copies.

bool containsFolded(std::string_view text, std::string_view folded) {
  if (!isAscii(text)) return foldCase(text).find(folded) != std::string::npos;
  if (folded.empty()) return true;
  return std::search(text.begin(), text.end(), folded.begin(), folded.end(), foldsTo) != text.end();
}

bool startsWithFolded(std::string_view text, std::string_view folded) {
  if (!isAscii(text)) return foldCase(text).starts_with(folded);
  if (text.size() < folded.size()) return false;
  return std::ranges::equal(text.substr(0, folded.size()), folded, foldsTo);
}

bool endsWithFolded(std::string_view text, std::string_view folded) {
  if (!isAscii(text)) return foldCase(text).ends_with(folded);
  if (text.size() < folded.size()) return false;
  return std::ranges::equal(text.substr(text.size() - folded.size()), folded, foldsTo);
}

}  // namespace chatbot
