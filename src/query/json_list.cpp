#include "query/json_list.h"

#include "base/json_scan.h"

namespace chatbot::query {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

}  // namespace

std::vector<std::string_view> splitList(std::string_view json) {
  std::vector<std::string_view> elements;
  base::JsonMarks marks(json);
  std::size_t start = marks.next() + 1;
  for (int depth = 1; depth > 0;) {
    const std::size_t place = marks.next();
    if (place == std::string_view::npos) break;
    const int depthBefore = depth;
    depth += base::JsonMarks::nesting(json[place]);
    const bool endsElement = depthBefore == 1 && depth <= 1;
    if (!endsElement) continue;
    const std::string_view element = trimmed(json.substr(start, place - start));
    if (!element.empty()) elements.push_back(element);
    start = place + 1;
  }
  return elements;
}

}  // namespace chatbot::query
