#include <charconv>

#include "base/json_text.h"
#include "chatbot/stream.h"

namespace chatbot {
namespace {

// Digits only: no sign, no space, nothing after them.
std::optional<std::int64_t> parseNumber(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [parsed, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || parsed != end) return std::nullopt;
  return number;
}

}  // namespace

std::string toText(const Position& position) {
  std::string text = std::to_string(position.seq);
  if (!position.offset) return text;
  return text + '.' + std::to_string(*position.offset);
}

std::string toJson(const StreamDelta& delta) {
  std::string out;
  base::JsonObject(out)
      .field("id", delta.messageId)
      .field("offset", delta.offset)
      .field("text", delta.text)
      .close();
  return out;
}

std::optional<Position> parsePosition(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::optional<std::int64_t> seq = parseNumber(text.substr(0, dot));
  if (!seq) return std::nullopt;
  if (dot == std::string_view::npos) return Position{.seq = *seq};
  const std::optional<std::int64_t> offset = parseNumber(text.substr(dot + 1));
  if (!offset) return std::nullopt;
  return Position{.seq = *seq, .offset = offset};
}

}  // namespace chatbot
