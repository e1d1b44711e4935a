#include "http/target.h"

#include <algorithm>

namespace chatbot::http {
namespace {

int hexValue(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<char> escapedByte(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const int high = hexValue(text[1]);
  const int low = hexValue(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string decode(std::string_view text, char plus) {
  std::string out;
  while (!text.empty()) {
    const std::optional<char> byte = escapedByte(text);
    out += byte ? *byte : (text[0] == '+' ? plus : text[0]);
    text.remove_prefix(byte ? 3 : 1);
  }
  return out;
}

// Cuts `text` at the first `separator` and returns what stood before it.
std::string_view takeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return head;
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
  std::string_view rest = target.substr(0, target.find('#'));
  std::string_view path = takeUntil(rest, '?');
  if (path.starts_with('/')) path.remove_prefix(1);
  const bool openEnd = path.ends_with('/');
  while (!path.empty()) parsed.segments.push_back(decode(takeUntil(path, '/'), '+'));
  if (openEnd) parsed.segments.emplace_back();
  while (!rest.empty()) {
    std::string_view value = takeUntil(rest, '&');
    const std::string_view name = takeUntil(value, '=');
    parsed.query.emplace_back(decode(name, ' '), decode(value, ' '));
  }
  return parsed;
}

}  // namespace chatbot::http
