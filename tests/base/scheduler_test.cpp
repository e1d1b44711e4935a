#include "base/scheduler.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>
#include <utility>
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
    timers.schedule(environment->now(), [&] { done.set_value(); });
    done.get_future().wait();
  }

  std::shared_ptr<test::ManualEnvironment> environment =
      std::make_shared<test::ManualEnvironment>();
  std::shared_ptr<Scheduler> scheduler = std::make_shared<Scheduler>(environment);
  Timers timers{scheduler, Timers::Tasks::prompt};
};

}  // namespace

TEST_CASE("tasks run at their time, in the order of their times") {
  SchedulerFixture fixture;
  std::vector<int> ran;  // the scheduler's thread alone writes it, settle() orders the reads
  const Instant start = fixture.environment->now();
  fixture.timers.schedule(start + 20s, [&] { ran.push_back(20); });
  fixture.timers.schedule(start + 10s, [&] { ran.push_back(10); });
  fixture.timers.schedule(start + 10s, [&] { ran.push_back(11); });
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
  const Timers::Key key =
      fixture.timers.schedule(fixture.environment->now() + 1s, [&] { ran = true; });
  fixture.timers.cancel(key);
  fixture.timers.cancel(key);
  fixture.environment->advance(2s);
  fixture.settle();
  CHECK_FALSE(ran);
}

TEST_CASE("a task may schedule and cancel others") {
  SchedulerFixture fixture;
  int ran = 0;
  const Instant now = fixture.environment->now();
  const Timers::Key other = fixture.timers.schedule(now + 5s, [&] { ran += 100; });
  fixture.timers.schedule(now, [&] {
    fixture.timers.cancel(other);
    fixture.timers.schedule(now + 1s, [&] { ++ran; });
  });
  fixture.settle();
  fixture.environment->advance(10s);
  fixture.settle();
  CHECK(ran == 1);
}

TEST_CASE("after stop nothing runs, and what waited is let go") {
  SchedulerFixture fixture;
  const auto held = std::make_shared<int>(1);
  fixture.timers.schedule(fixture.environment->now() + 1s, [held] {});
  CHECK(held.use_count() == 2);
  fixture.timers.stop();
  CHECK(held.use_count() == 1);
  fixture.timers.schedule(fixture.environment->now(), [held] { FAIL("it ran"); });
  fixture.timers.stop();
  CHECK(held.use_count() == 1);
}

TEST_CASE("tasks that wait delay their own part only") {
  SchedulerFixture fixture;
  Timers maintenance(fixture.scheduler, Timers::Tasks::mayWait);
  Timers drafts(fixture.scheduler, Timers::Tasks::mayWait);
  std::promise<void> allowed;
  std::promise<void> started;
  std::atomic<int> ran = 0;
  maintenance.schedule({}, [&] {
    started.set_value();
    allowed.get_future().wait();
    ++ran;
  });
  maintenance.schedule({}, [&] { ++ran; });
  started.get_future().wait();
  std::promise<void> saved;
  drafts.schedule({}, [&] { saved.set_value(); });
  saved.get_future().wait();
  fixture.settle();
  CHECK(ran == 0);
  allowed.set_value();
  while (ran < 2) std::this_thread::yield();
}

TEST_CASE("a part that is stopped leaves the others, and its last task has ended") {
  SchedulerFixture fixture;
  Timers other(fixture.scheduler, Timers::Tasks::mayWait);
  std::promise<void> started;
  std::atomic<bool> done = false;
  other.schedule({}, [&] {
    started.set_value();
    std::this_thread::sleep_for(1ms);
    done = true;
  });
  other.schedule({}, [&] { FAIL("it ran"); });
  started.get_future().wait();
  other.stop();
  CHECK(done);
  fixture.settle();
}

TEST_CASE("the last task may let go of its part and of the scheduler") {
  auto environment = std::make_shared<test::ManualEnvironment>();
  std::promise<void> gone;
  auto timers = std::make_shared<Timers>(environment);
  Timers& part = *timers;
  part.schedule({}, [&gone, held = std::exchange(timers, nullptr)]() mutable {
    held = nullptr;
    gone.set_value();
  });
  gone.get_future().wait();
}
