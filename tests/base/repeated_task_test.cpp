#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "base/scheduler.h"
#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace std::chrono_literals;

namespace {

struct RepeatedFixture {
  std::shared_ptr<test::ManualEnvironment> environment =
      std::make_shared<test::ManualEnvironment>();
  std::shared_ptr<Scheduler> scheduler = std::make_shared<Scheduler>(environment);
};

}  // namespace

TEST_CASE("the work is done each time that the interval has passed, until it is stopped") {
  const RepeatedFixture fixture;
  std::atomic<int> runs = 0;
  RepeatedTask task(fixture.scheduler, 500ms);
  task.start([&] { ++runs; });
  CHECK(runs == 0);
  // The interval begins when the work has ended, which nobody sees.
  while (runs < 3) fixture.environment->advance(1ms);
  task.stop();
  const int before = runs;
  fixture.environment->advance(10s);
  CHECK(runs == before);
}

TEST_CASE("a stop waits for work that is being done") {
  const RepeatedFixture fixture;
  std::promise<void> started;
  std::atomic<bool> begunOnce = false;
  std::atomic<bool> done = false;
  RepeatedTask task(fixture.scheduler, 1ms);
  task.start([&] {
    done = false;
    if (!begunOnce.exchange(true)) started.set_value();
    std::this_thread::yield();
    done = true;
  });
  const auto begun = started.get_future();
  while (begun.wait_for(0s) != std::future_status::ready) fixture.environment->advance(1ms);
  task.stop();
  CHECK(done);
}

TEST_CASE("a wake has the work done before its interval has passed, also one that came before") {
  const RepeatedFixture fixture;
  std::atomic<int> runs = 0;
  RepeatedTask task(fixture.scheduler, 500ms);
  task.wake();
  task.start([&] { ++runs; });
  while (runs < 1) std::this_thread::yield();
  task.wake();
  while (runs < 2) std::this_thread::yield();
  task.stop();
  task.wake();
  CHECK(runs == 2);
}

TEST_CASE("a wake while the work is done has it done once more") {
  const RepeatedFixture fixture;
  std::atomic<int> runs = 0;
  RepeatedTask task(fixture.scheduler, 500ms);
  task.start([&] {
    if (++runs == 1) task.wake();
  });
  task.wake();
  while (runs < 2) std::this_thread::yield();
  task.stop();
  CHECK(runs == 2);
}

TEST_CASE("work may stop itself, and what it holds is let go of") {
  const RepeatedFixture fixture;
  const auto held = std::make_shared<int>(0);
  RepeatedTask task(fixture.scheduler, 500ms);
  task.start([&task, held] { task.stop(); });
  task.wake();
  while (held.use_count() > 1) std::this_thread::yield();
  task.wake();
  CHECK(held.use_count() == 1);
}
