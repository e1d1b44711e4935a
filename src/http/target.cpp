#include "http/target.h"

#include <algorithm>

#include "base/encoding.h"

namespace chatbot::http {
namespace {

// Cuts `text` at the first `separator` and returns what stood before it.
std::string_view takeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return head;
}

// The target of a request that is sent as to a proxy names scheme and host, too (section 3.2.2).
std::string_view withoutOrigin(std::string_view target) {
  const std::size_t mark = target.find("://");
  if (target.starts_with('/') || mark == std::string_view::npos) return target;
  if (target.substr(0, mark).find_first_of("?/") != std::string_view::npos) return target;
  return target.substr(std::min(target.find_first_of("/?", mark + 3), target.size()));
}

}  // namespace

std::optional<std::string> Target::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name && !value.empty()) return value;
  }
  return std::nullopt;
}

bool Target::has(std::string_view name) const {
  return std::any_of(query.begin(), query.end(),
                     [&](const auto& parameter) { return parameter.first == name; });
}

Target parseTarget(std::string_view target) {
  Target parsed;
  std::string_view rest = withoutOrigin(target.substr(0, target.find('#')));
  std::string_view path = takeUntil(rest, '?');
  if (path.starts_with('/')) path.remove_prefix(1);
  const bool openEnd = path.ends_with('/');
  while (!path.empty()) parsed.segments.push_back(base::percentDecoded(takeUntil(path, '/')));
  if (openEnd) parsed.segments.emplace_back();
  while (!rest.empty()) {
    std::string_view value = takeUntil(rest, '&');
    const std::string_view name = takeUntil(value, '=');
    parsed.query.emplace_back(base::percentDecoded(name, ' '), base::percentDecoded(value, ' '));
  }
  return parsed;
}

}  // namespace chatbot::http
