#include "model/json_input.h"

#include "model/json_scan.h"

namespace chatbot {
namespace {

// The parser could be asked through a callback, but with one it needs quadratic time for a list of
// objects.
bool isTooDeep(std::string_view text) noexcept {
  JsonMarks marks(text);
  int depth = 0;
  for (std::size_t place = marks.next(); place != std::string_view::npos; place = marks.next()) {
    depth += JsonMarks::nesting(text[place]);
    if (depth > kMaxJsonDepth) return true;
  }
  return false;
}

}  // namespace

std::optional<Json> parseJson(std::string_view text) {
  // The parser would take it for the end of the text.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (isTooDeep(text)) return std::nullopt;
  try {
    return Json::parse(text);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace chatbot
