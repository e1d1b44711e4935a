#include <doctest/doctest.h>
#include <poll.h>

#include <atomic>
#include <barrier>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "chatbot/run.h"
#include "run/rounds_fixture.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

bool readable(int descriptor, int timeoutMs = 0) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, timeoutMs) == 1;
}

bool readable(TurnQueue& queue) { return readable(queue.pollable()); }

constexpr int kSoonMs = 20'000;  // reached only where a test fails

struct QueueFixture : RoundsFixture {
  QueueFixture() : RoundsFixture(run::RoundLimitOptions{}) {}

  // Advances the time until the workflow's round is over.
  void passTimeUntilOver(const std::string& id) {
    while (store->find(Scope::system(), id)->status == WorkflowStatus::running) {
      environment->advance(100ms);
      std::this_thread::yield();
    }
  }

  std::string lastTextOf(const std::string& id) {
    return textOf(store->tail(Scope::system(), id, 0, 100, 100'000)->items.back());
  }

  std::string add(const std::string& prompt = "x") { return add(prompt, queue); }

  std::string add(const std::string& prompt, TurnQueue& to) {
    const Workflow workflow = StoreFixture::begin(user("ann"), prompt);
    give(workflow, prompt, to);
    return workflow.id;
  }

  TurnQueue queue{environment, 60s};
};

}  // namespace

TEST_CASE("turns are taken in the order in which they came") {
  QueueFixture fixture;
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
  fixture.add("one");
  fixture.add("two");
  CHECK(fixture.queue.take(Timeout(0))->input().prompt == "one");
  CHECK(fixture.queue.take(kForever)->input().prompt == "two");
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
}

TEST_CASE("a waiting taker is woken by a turn, and by stop") {
  QueueFixture fixture;
  auto taker = std::async(std::launch::async, [&] { return fixture.queue.take(kForever); });
  fixture.add("now");
  CHECK(taker.get()->input().prompt == "now");
  auto another = std::async(std::launch::async, [&] { return fixture.queue.take(kForever); });
  fixture.queue.stop();
  CHECK_FALSE(another.get());
  CHECK(fixture.queue.stopped());
}

TEST_CASE("several takers share the work: each turn goes to one of them") {
  QueueFixture fixture;
  constexpr std::size_t kTurns = 1000;
  std::mutex mutex;
  std::multiset<std::string> taken;
  std::vector<std::future<void>> takers;
  for (int i = 0; i < 4; ++i) {
    takers.push_back(std::async(std::launch::async, [&] {
      while (const std::optional<Turn> turn = fixture.queue.take(kForever)) {
        const std::lock_guard lock(mutex);
        taken.insert(turn->input().workflowId);
        if (taken.size() == kTurns) fixture.queue.stop();
      }
    }));
  }
  std::multiset<std::string> added;
  for (std::size_t i = 0; i < kTurns; ++i) added.insert(fixture.add());
  for (std::future<void>& taker : takers) taker.get();
  CHECK(taken == added);
}

TEST_CASE("of several takers that poll, one gets the turn, and the others go on to wait") {
  QueueFixture fixture;
  constexpr int kTakers = 4;
  const int descriptor = fixture.queue.pollable();
  std::barrier seen(kTakers);
  std::atomic<int> got = 0;
  std::vector<std::future<void>> takers;
  for (int i = 0; i < kTakers; ++i) {
    takers.push_back(std::async(std::launch::async, [&] {
      CHECK(readable(descriptor, kSoonMs));
      seen.arrive_and_wait();  // nobody has taken it yet
      if (fixture.queue.take(Timeout(0))) ++got;
    }));
  }
  fixture.add();
  for (std::future<void>& taker : takers) taker.get();
  CHECK(got == 1);
  CHECK_FALSE(readable(descriptor));
}

TEST_CASE("takers that wait by call and by descriptor share the work") {
  QueueFixture fixture;
  constexpr int kTurns = 200;
  std::atomic<int> taken = 0;
  const auto count = [&] {
    if (++taken == kTurns) fixture.queue.stop();
  };
  auto calling = std::async(std::launch::async, [&] {
    while (fixture.queue.take(kForever)) count();
  });
  auto polling = std::async(std::launch::async, [&] {
    while (!fixture.queue.stopped()) {
      if (readable(fixture.queue.pollable(), kSoonMs) && fixture.queue.take(Timeout(0))) count();
    }
  });
  for (int i = 0; i < kTurns; ++i) fixture.add();
  calling.get();
  polling.get();
  CHECK(taken == kTurns);
}

TEST_CASE("a turn that nobody takes in time ends as failed, with a log that says why") {
  QueueFixture fixture;
  const std::string id = fixture.add();
  fixture.environment->advance(60s - 1ms);
  CHECK(fixture.store->find(Scope::system(), id)->status == WorkflowStatus::running);
  fixture.passTimeUntilOver(id);
  CHECK(fixture.store->find(Scope::system(), id)->status == WorkflowStatus::error);
  CHECK(fixture.lastTextOf(id) == "Nobody has taken the turn within 60 s");
  CHECK_FALSE(readable(fixture.queue));
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
}

TEST_CASE("each turn has its own time to wait") {
  QueueFixture fixture;
  const std::string first = fixture.add();
  fixture.environment->advance(40s);
  const std::string second = fixture.add();
  fixture.passTimeUntilOver(first);
  CHECK(fixture.store->find(Scope::system(), second)->status == WorkflowStatus::running);
  CHECK(readable(fixture.queue));
  fixture.passTimeUntilOver(second);
  CHECK(fixture.lastTextOf(second) == "Nobody has taken the turn within 60 s");
  const std::string third = fixture.add();  // nothing waited: the timer starts anew
  fixture.passTimeUntilOver(third);
  CHECK(fixture.lastTextOf(third) == "Nobody has taken the turn within 60 s");
}

TEST_CASE("a turn that was taken has all the time that it needs") {
  QueueFixture fixture;
  const std::string kept = fixture.add();
  Turn turn = fixture.queue.take(Timeout(0)).value();
  const std::string left = fixture.add();
  fixture.passTimeUntilOver(left);
  CHECK(turn.append(textMessage("slow, but here")));
  CHECK(turn.complete());
  CHECK(fixture.store->find(Scope::system(), kept)->status == WorkflowStatus::completed);
}

TEST_CASE("without a time limit, a turn waits for ever") {
  QueueFixture fixture;
  TurnQueue patient(fixture.environment, 0ms);
  fixture.add("in time", patient);
  fixture.environment->advance(std::chrono::hours(1000));
  const std::string left = fixture.add();
  fixture.passTimeUntilOver(left);
  CHECK(patient.take(Timeout(0))->input().prompt == "in time");
}

TEST_CASE("a time limit of parts of a second is told as it is") {
  QueueFixture fixture;
  TurnQueue hasty(fixture.environment, 1500ms);
  const std::string id = fixture.add("x", hasty);
  fixture.passTimeUntilOver(id);
  CHECK(fixture.lastTextOf(id) == "Nobody has taken the turn within 1.5 s");
}

TEST_CASE("a turn that was cancelled while it waited is passed over") {
  QueueFixture fixture;
  const std::string stopped = fixture.add("stopped");
  fixture.add("wanted");
  fixture.store->stop(Scope::system(), {stopped, 1});
  fixture.cancel(stopped);
  CHECK(fixture.queue.take(Timeout(0))->input().prompt == "wanted");
  CHECK_FALSE(fixture.queue.take(Timeout(0)));

  const std::string last = fixture.add();
  fixture.store->stop(Scope::system(), {last, 1});
  fixture.cancel(last);
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
  CHECK_FALSE(readable(fixture.queue));
  CHECK(fixture.lastTextOf(last) == "x");
}

TEST_CASE("the descriptor is readable while a turn waits, and after stop") {
  QueueFixture fixture;
  CHECK_FALSE(readable(fixture.queue));
  fixture.add();
  fixture.add();
  CHECK(readable(fixture.queue));
  fixture.queue.take(Timeout(0));
  CHECK(readable(fixture.queue));
  fixture.queue.take(Timeout(0));
  CHECK_FALSE(readable(fixture.queue));
  fixture.queue.stop();
  CHECK(readable(fixture.queue));
}

TEST_CASE("turns that nobody took, and those that come after stop, end as failed") {
  QueueFixture fixture;
  const std::string waiting = fixture.add();
  fixture.queue.stop();
  const std::string late = fixture.add();
  CHECK(fixture.store->find(Scope::system(), waiting)->status == WorkflowStatus::error);
  CHECK(fixture.store->find(Scope::system(), late)->status == WorkflowStatus::error);
}
