#include "openai/retry.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::openai;
using namespace std::chrono_literals;

namespace {

using Kind = Failure::Kind;

std::optional<std::chrono::milliseconds> delay(const Failure& failure, int tries,
                                               std::uint64_t random = 0) {
  OpenAiOptions options;
  options.firstBackoff = 500ms;
  options.maxBackoff = 3s;
  options.maxRetries = 5;
  options.maxRetryAfter = 60s;
  return retryDelay(failure, tries, options, random);
}

}  // namespace

TEST_CASE("what passes by itself is tried again") {
  for (const Kind kind : {Kind::unreachable, Kind::silent, Kind::cutOff, Kind::empty}) {
    CHECK(delay({.kind = kind}, 1));
  }
  for (const long status : {408L, 409L, 425L, 429L, 500L, 502L, 503L, 504L, 529L}) {
    CHECK(delay({.kind = Kind::refused, .error = {.status = status}}, 1));
    CHECK(delay({.kind = Kind::reported, .error = {.status = status}}, 1));
  }
}

TEST_CASE("what would fail again is not") {
  for (const Kind kind :
       {Kind::reported, Kind::noChoice, Kind::garbled, Kind::tooLarge, Kind::foreign}) {
    CHECK_FALSE(delay({.kind = kind}, 1));
  }
  for (const long status : {301L, 400L, 401L, 403L, 404L, 422L}) {
    CHECK_FALSE(delay({.kind = Kind::refused, .error = {.status = status}}, 1));
    CHECK_FALSE(delay({.kind = Kind::reported, .error = {.status = status}}, 1));
  }
  const ServerError quota{.cause = ServerError::Cause::quota, .status = 429};
  CHECK_FALSE(delay({.kind = Kind::refused, .error = quota}, 1));
}

TEST_CASE("a server may say whether it is to be asked again") {
  CHECK(delay({.kind = Kind::refused, .error = {.status = 400}, .headers = {.shouldRetry = true}},
              1));
  CHECK_FALSE(delay(
      {.kind = Kind::refused, .error = {.status = 503}, .headers = {.shouldRetry = false}}, 1));
}

TEST_CASE("the time between tries doubles up to its bound") {
  const Failure failure{.kind = Kind::unreachable};
  CHECK(delay(failure, 1) == 500ms);
  CHECK(delay(failure, 2) == 1000ms);
  CHECK(delay(failure, 3) == 2000ms);
  CHECK(delay(failure, 4) == 3000ms);
  CHECK(delay(failure, 5) == 3000ms);
  CHECK_FALSE(delay(failure, 6));
}

TEST_CASE("by chance it is up to a half shorter") {
  for (std::uint64_t random = 0; random < 600; ++random) {
    const auto time = delay({.kind = Kind::unreachable}, 1, random).value();
    CHECK(time >= 250ms);
    CHECK(time <= 500ms);
  }
  CHECK(delay({.kind = Kind::unreachable}, 1, 250) == 250ms);
}

TEST_CASE("a server's own time is waited for, unless it is too long") {
  const auto busy = [](std::chrono::seconds time) {
    return Failure{
        .kind = Kind::refused, .error = {.status = 429}, .headers = {.retryAfter = time}};
  };
  CHECK(delay(busy(7s), 1) == 7s);
  CHECK(delay(busy(60s), 1) == 60s);
  CHECK(delay(busy(0s), 1) == 500ms);
  CHECK_FALSE(delay(busy(61s), 1));
}

TEST_CASE("each failure has words that are safe to show") {
  CHECK(textOf({.kind = Kind::unreachable}) == "The model server cannot be reached");
  CHECK(textOf({.kind = Kind::silent}) == "The model server has not answered in time");
  CHECK(textOf({.kind = Kind::refused, .error = {.status = 429}}) ==
        "The model server is overloaded (status 429)");
  CHECK(textOf({.kind = Kind::refused, .error = {.status = 503}}) ==
        "The model server has failed (status 503)");
  CHECK(textOf({.kind = Kind::refused, .error = {.status = 400}}) ==
        "The model server has refused the request (status 400)");
  CHECK(textOf({.kind = Kind::noChoice}) == "The model server has sent no answer");
  CHECK(textOf({.kind = Kind::reported}) == "The model server has reported an error");
  CHECK(textOf({.kind = Kind::foreign}) ==
        "The model server's address answers with something else than a model's answer");
  CHECK(textOf({.kind = Kind::empty}) == "The model server's answer is empty");
  CHECK(textOf({.kind = Kind::garbled}) == "The model server has sent what cannot be understood");
  CHECK(textOf({.kind = Kind::tooLarge}) == "The model server's answer is too large");
  CHECK(textOf({.kind = Kind::cutOff}) == "The model server's answer has broken off");
}

TEST_CASE("a failure whose cause is known has its own words") {
  using Cause = ServerError::Cause;
  const auto shown = [](Cause cause, long status, bool hasKey = true) {
    return textOf({.kind = Kind::refused, .error = {.cause = cause, .status = status}}, hasKey);
  };
  CHECK(shown(Cause::key, 401) == "The model server has refused the key (status 401)");
  CHECK(shown(Cause::key, 401, false) ==
        "The model server wants a key, and none is configured (status 401)");
  CHECK(shown(Cause::model, 404) ==
        "The model server does not know the model or the address (status 404)");
  CHECK(shown(Cause::tooLong, 400) == "The conversation is too long for the model (status 400)");
  CHECK(shown(Cause::quota, 429) ==
        "The account at the model server has no credit left (status 429)");
  CHECK(shown(Cause::tooLong, 0) == "The conversation is too long for the model");
}
