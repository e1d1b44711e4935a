// The header fields of a model server's response that tell about retries and support.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chatbot::openai {

struct ReplyHeaders {
  std::optional<std::chrono::milliseconds> retryAfter = {};  // of retry-after-ms
  std::optional<bool> shouldRetry = {};                      // of x-should-retry
  std::string requestId = {};  // of x-request-id or request-id; empty, or an identifier

  // Takes a line of the head. A status line begins another head: what the last one said is
  // forgotten.
  void add(std::string_view line) noexcept;
};

}  // namespace chatbot::openai
