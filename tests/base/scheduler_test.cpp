#include "base/scheduler.h"

#include <doctest/doctest.h>

#include <future>
#include <vector>

#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace std::chrono_literals;

namespace {

struct SchedulerFixture {
  // Returns once everything that is due has run: a task that is due now runs behind it.
  void settle() {
    std::promise<void> done;
    scheduler.schedule(environment->now(), [&] { done.set_value(); });
    done.get_future().wait();
  }

  std::shared_ptr<test::ManualEnvironment> environment =
      std::make_shared<test::ManualEnvironment>();
  Scheduler scheduler{environment};
};

}  // namespace

TEST_CASE("tasks run at their time, in the order of their times") {
  SchedulerFixture fixture;
  std::vector<int> ran;  // the scheduler's thread alone writes it, settle() orders the reads
  const Instant start = fixture.environment->now();
  fixture.scheduler.schedule(start + 20s, [&] { ran.push_back(20); });
  fixture.scheduler.schedule(start + 10s, [&] { ran.push_back(10); });
  fixture.scheduler.schedule(start + 10s, [&] { ran.push_back(11); });
  fixture.settle();
  CHECK(ran.empty());
  fixture.environment->advance(10s);
  fixture.settle();
  CHECK(ran == std::vector<int>{10, 11});
  fixture.environment->advance(1h);
  fixture.settle();
  CHECK(ran == std::vector<int>{10, 11, 20});
}

TEST_CASE("a cancelled task does not run") {
  SchedulerFixture fixture;
  bool ran = false;
  const Scheduler::Key key =
      fixture.scheduler.schedule(fixture.environment->now() + 1s, [&] { ran = true; });
  fixture.scheduler.cancel(key);
  fixture.scheduler.cancel(key);
  fixture.environment->advance(2s);
  fixture.settle();
  CHECK_FALSE(ran);
}

TEST_CASE("a task may schedule and cancel others") {
  SchedulerFixture fixture;
  int ran = 0;
  const Instant now = fixture.environment->now();
  const Scheduler::Key other = fixture.scheduler.schedule(now + 5s, [&] { ran += 100; });
  fixture.scheduler.schedule(now, [&] {
    fixture.scheduler.cancel(other);
    fixture.scheduler.schedule(now + 1s, [&] { ++ran; });
  });
  fixture.settle();
  fixture.environment->advance(10s);
  fixture.settle();
  CHECK(ran == 1);
}

TEST_CASE("after stop nothing runs, and what waited is let go") {
  SchedulerFixture fixture;
  const auto held = std::make_shared<int>(1);
  fixture.scheduler.schedule(fixture.environment->now() + 1s, [held] {});
  CHECK(held.use_count() == 2);
  fixture.scheduler.stop();
  CHECK(held.use_count() == 1);
  fixture.scheduler.schedule(fixture.environment->now(), [held] { FAIL("it ran"); });
  fixture.scheduler.stop();
  CHECK(held.use_count() == 1);
}
