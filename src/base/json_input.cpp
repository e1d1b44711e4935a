#include "base/json_input.h"

#include <algorithm>

namespace chatbot::base {
namespace {

// The place of the first bracket that is nested too deep, or npos. The parser could be asked
// through a callback, but with one it needs quadratic time for a list of objects.
std::size_t tooDeepAt(std::string_view text) noexcept {
  JsonMarks marks(text);
  int depth = 0;
  for (std::size_t place = marks.next(); place != std::string_view::npos; place = marks.next()) {
    depth += JsonMarks::nesting(text[place]);
    if (depth > kMaxJsonDepth) return place;
  }
  return std::string_view::npos;
}

bool mayBeParsed(std::string_view text) noexcept {
  // The parser would take a NUL for the end of the text.
  return text.find('\0') == std::string_view::npos && tooDeepAt(text) == std::string_view::npos;
}

// Follows the parser and keeps nothing but the place where it stops.
class FaultFinder : public JsonWalker {
 public:
  std::size_t place() const noexcept { return place_; }

  // The parser counts from 1.
  bool parse_error(std::size_t bytes, const std::string&, const Json::exception&) override {
    place_ = bytes - 1;
    return false;
  }

 private:
  std::size_t place_ = std::string_view::npos;
};

std::size_t syntaxFaultAt(std::string_view text) {
  FaultFinder finder;
  Json::sax_parse(text, &finder);
  return finder.place();
}

TextPlace placeOf(std::size_t byte, std::string_view text) {
  const std::string_view before = text.substr(0, byte);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  const auto startsCodePoint = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  TextPlace place;
  place.line += static_cast<std::size_t>(std::ranges::count(before, '\n'));
  place.column += static_cast<std::size_t>(std::ranges::count_if(line, startsCodePoint));
  return place;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

}  // namespace

std::optional<Json> parseJson(std::string_view text) {
  if (!mayBeParsed(text)) return std::nullopt;
  try {
    return Json::parse(text);
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

bool walkJson(std::string_view text, JsonWalker& walker) {
  return mayBeParsed(text) && Json::sax_parse(text, &walker);
}

std::optional<TextPlace> findJsonFault(std::string_view text) {
  const std::size_t nul = text.find('\0');
  const std::size_t fault = std::min({nul, tooDeepAt(text), syntaxFaultAt(text.substr(0, nul))});
  if (fault == std::string_view::npos) return std::nullopt;
  return placeOf(fault, text);
}

std::vector<std::string_view> splitList(std::string_view json) {
  std::vector<std::string_view> elements;
  JsonMarks marks(json);
  std::size_t start = marks.next() + 1;
  for (int depth = 1; depth > 0;) {
    const std::size_t place = marks.next();
    if (place == std::string_view::npos) break;
    const int depthBefore = depth;
    depth += JsonMarks::nesting(json[place]);
    const bool endsElement = depthBefore == 1 && depth <= 1;
    if (!endsElement) continue;
    const std::string_view element = trimmed(json.substr(start, place - start));
    if (!element.empty()) elements.push_back(element);
    start = place + 1;
  }
  return elements;
}

}  // namespace chatbot::base
