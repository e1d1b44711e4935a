#include "query/json_list.h"

namespace chatbot {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

// The place after the string whose opening quote stands at `start`.
std::size_t endOfString(std::string_view json, std::size_t start) {
  std::size_t end = start + 1;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return end + 1;
}

int depthChange(char c) noexcept {
  if (c == '[' || c == '{') return 1;
  return c == ']' || c == '}' ? -1 : 0;
}

// The place of the `,` or `]` that ends the element which starts at `start`.
std::size_t endOfElement(std::string_view json, std::size_t start) {
  int depth = 0;
  std::size_t place = start;
  while (place < json.size()) {
    const char c = json[place];
    if (depth == 0 && (c == ',' || c == ']')) break;
    depth += depthChange(c);
    place = c == '"' ? endOfString(json, place) : place + 1;
  }
  return place;
}

}  // namespace

std::vector<std::string_view> splitList(std::string_view json) {
  std::vector<std::string_view> elements;
  std::size_t end = json.find('[');
  while (end < json.size() && (json[end] != ']' || elements.empty())) {
    const std::size_t start = end + 1;
    end = endOfElement(json, start);
    const std::string_view element = trimmed(json.substr(start, end - start));
    if (element.empty()) break;  // an empty list
    elements.push_back(element);
  }
  return elements;
}

}  // namespace chatbot
