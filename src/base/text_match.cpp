#include "base/text_match.h"

#include "base/text.h"

namespace chatbot::base {
bool containsFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).find(folded) != std::string::npos;
}

bool startsWithFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).starts_with(folded);
}

bool endsWithFolded(std::string_view text, std::string_view folded) {
  return foldCase(text).ends_with(folded);
}

void reportTextMatch(const LogFunction& log) {
  if (!log || foldsUnicode()) return;
  log(LogLevel::warning, "built without ICU: searches ignore the case of ASCII letters only", {});
}

}  // namespace chatbot::base
