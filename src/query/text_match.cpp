#include "query/text_match.h"

#include "model/text.h"

namespace chatbot {
namespace {

bool isAscii(std::string_view text) noexcept {
  unsigned char bits = 0;
  for (const char c : text) bits = static_cast<unsigned char>(bits | static_cast<unsigned char>(c));
  return bits < 0x80;
}

// A search folds every text that it looks at, so ASCII, the common case, has a way of its own that
// the compiler makes a vector loop.
std::string fold(std::string_view text) {
  if (!isAscii(text)) return foldCase(text);
  std::string folded(text);
  for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return folded;
}

}  // namespace

bool containsFolded(std::string_view text, std::string_view folded) {
  return fold(text).find(folded) != std::string::npos;
}

bool startsWithFolded(std::string_view text, std::string_view folded) {
  return fold(text).starts_with(folded);
}

bool endsWithFolded(std::string_view text, std::string_view folded) {
  return fold(text).ends_with(folded);
}

}  // namespace chatbot
