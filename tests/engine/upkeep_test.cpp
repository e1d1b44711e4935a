#include "engine/upkeep.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::engine;
using namespace std::chrono_literals;

TEST_CASE("the work is done each time that the interval has passed, until it is stopped") {
  const auto environment = std::make_shared<test::ManualEnvironment>();
  std::atomic<int> runs = 0;
  Upkeep upkeep(environment, 500ms);
  upkeep.start([&] { ++runs; });
  CHECK(runs == 0);
  // The interval begins when the work has ended, which nobody sees.
  while (runs < 3) environment->advance(1ms);
  upkeep.stop();
  const int before = runs;
  environment->advance(10s);
  CHECK(runs == before);
}

TEST_CASE("a stop waits for work that is being done") {
  const auto environment = std::make_shared<test::ManualEnvironment>();
  std::promise<void> started;
  std::atomic<bool> begunOnce = false;
  std::atomic<bool> done = false;
  Upkeep upkeep(environment, 1ms);
  upkeep.start([&] {
    done = false;
    if (!begunOnce.exchange(true)) started.set_value();
    std::this_thread::yield();
    done = true;
  });
  const auto begun = started.get_future();
  while (begun.wait_for(0s) != std::future_status::ready) environment->advance(1ms);
  upkeep.stop();
  CHECK(done);
}

TEST_CASE("a wake has the work done before its interval has passed, also one that came before") {
  const auto environment = std::make_shared<test::ManualEnvironment>();
  std::atomic<int> runs = 0;
  Upkeep upkeep(environment, 500ms);
  upkeep.wake();
  upkeep.start([&] { ++runs; });
  while (runs < 1) std::this_thread::yield();
  upkeep.wake();
  while (runs < 2) std::this_thread::yield();
  upkeep.stop();
  upkeep.wake();
  CHECK(runs == 2);
}
