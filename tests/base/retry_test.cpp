#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "base/scheduler.h"
#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace std::chrono_literals;

TEST_CASE("the delay doubles up to two seconds") {
  RetryDelay delay;
  CHECK(delay.next() == 250ms);
  CHECK(delay.next() == 500ms);
  CHECK(delay.next() == 1s);
  CHECK(delay.next() == 2s);
  CHECK(delay.next() == 2s);
}

TEST_CASE("an attempt is repeated until it succeeds, and no longer") {
  const auto environment = std::make_shared<test::ManualEnvironment>();
  Timers timers(environment);
  std::atomic<int> attempts = 0;
  retryLater(timers, *environment, [&] { return ++attempts == 3; });
  CHECK(attempts == 0);
  while (attempts < 3) {
    environment->advance(10ms);
    std::this_thread::yield();
  }
  environment->advance(1h);
  timers.stop();
  CHECK(attempts == 3);
}

TEST_CASE("only a store that is away is a fault that passes by itself") {
  CHECK(isPassing(Error(ErrorCode::unavailable, "full")));
  CHECK_FALSE(isPassing(Error(ErrorCode::internal, "broken")));
}
