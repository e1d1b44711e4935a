// The border between C++ and C, from inside: failures that no test can cause from outside.
#include "guard.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "chatbot/error.h"

using namespace chatbot;

namespace {

struct Failure {
  chatbot_status status;
  std::int32_t http;
};

template <typename Fault>
Failure failureOf(const Fault& fault) {
  chatbot_error* error = nullptr;
  const chatbot_status status = capi::guard(nullptr, &error, [&] { throw fault; });
  REQUIRE(error != nullptr);
  CHECK(chatbot_error_status(error) == status);
  const std::int32_t http = chatbot_error_http_status(error);
  chatbot_error_free(error);
  return {status, http};
}

}  // namespace

TEST_CASE("a change that may have been taken has a status of its own") {
  const Failure found = failureOf(Error(ErrorCode::outcomeUnknown, "The change may be taken"));
  CHECK(found.status == CHATBOT_OUTCOME_UNKNOWN);
  CHECK(found.http == 500);
}

TEST_CASE("a fault inside is internal, whatever is thrown") {
  CHECK(failureOf(Error(ErrorCode::internal, "A fault")).status == CHATBOT_INTERNAL);
  CHECK(failureOf(std::runtime_error("secret")).status == CHATBOT_INTERNAL);
  CHECK(failureOf(4711).status == CHATBOT_INTERNAL);
}
