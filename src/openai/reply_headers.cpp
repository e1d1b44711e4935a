#include "openai/reply_headers.h"

#include <charconv>

#include "base/text.h"
#include "openai/server_error.h"

namespace chatbot::openai {
namespace {

std::optional<std::chrono::milliseconds> millisecondsIn(std::string_view text) {
  double count = 0;
  const char* const end = text.data() + text.size();
  const bool isNumber = std::from_chars(text.data(), end, count).ptr == end;
  constexpr double kMost = 1e12;
  if (!isNumber || !(count >= 0 && count <= kMost)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(count));
}

}  // namespace

void ReplyHeaders::add(std::string_view line) noexcept {
  if (line.starts_with("HTTP/")) *this = {};
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = base::foldCase(line.substr(0, colon));
  const std::string_view value = base::trimmed(line.substr(colon + 1));
  if (name == "retry-after-ms") retryAfter = millisecondsIn(value);
  if (name == "x-should-retry" && value == "true") shouldRetry = true;
  if (name == "x-should-retry" && value == "false") shouldRetry = false;
  if (name == "x-request-id" || name == "request-id") requestId = identifierIn(value);
}

}  // namespace chatbot::openai
