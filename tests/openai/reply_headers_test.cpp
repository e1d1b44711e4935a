#include "openai/reply_headers.h"

#include <doctest/doctest.h>

using namespace chatbot::openai;
using namespace std::chrono_literals;

namespace {

ReplyHeaders headersOf(std::initializer_list<const char*> lines) {
  ReplyHeaders headers;
  for (const char* const line : lines) headers.add(line);
  return headers;
}

}  // namespace

TEST_CASE("names are compared without case, and values without blanks around them") {
  const ReplyHeaders headers =
      headersOf({"HTTP/1.1 429 Too Many\r\n", "Retry-After-MS:  1500 \r\n",
                 "X-Should-Retry: true\r\n", "X-Request-Id: req_1\r\n", "\r\n"});
  CHECK(headers.retryAfter == 1500ms);
  CHECK(headers.shouldRetry == true);
  CHECK(headers.requestId == "req_1");
}

TEST_CASE("what does not fit is passed over") {
  const ReplyHeaders headers =
      headersOf({"retry-after-ms: soon", "x-should-retry: perhaps", "x-request-id: a b"});
  CHECK_FALSE(headers.retryAfter);
  CHECK_FALSE(headers.shouldRetry);
  CHECK(headers.requestId.empty());
  CHECK_FALSE(headersOf({"retry-after-ms: -1"}).retryAfter);
  CHECK_FALSE(headersOf({"retry-after-ms: nan"}).retryAfter);
  CHECK_FALSE(headersOf({"retry-after-ms: 1e300"}).retryAfter);
}

TEST_CASE("each head stands for itself") {
  CHECK_FALSE(headersOf({"x-should-retry: true", "HTTP/1.1 200 OK"}).shouldRetry);
}
