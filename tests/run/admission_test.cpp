// Rounds beyond a limit: they have begun, and wait for a place.
#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "chatbot/error.h"
#include "run/rounds_fixture.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

struct WaitingFixture : RoundsFixture {
  explicit WaitingFixture(const RoundLimitOptions& theLimits = {.maxRounds = 1, .maxWaiting = 3})
      : RoundsFixture(theLimits) {}
  ~WaitingFixture() { rounds->close(); }

  // Begins a round of the user's; its prompt is its workflow's id.
  std::string start(const std::string& userId = "ann", Responder* responder = nullptr) {
    run::RoundSlot slot = rounds->reserve(user(userId));
    const run::RoundRegistry::StartUnderWay underWay(rounds->registry());
    const Workflow workflow = StoreFixture::begin(user(userId));
    give(underWay, std::move(slot), workflow, workflow.id,
         responder == nullptr ? queue : *responder, userId);
    return workflow.id;
  }

  void stop(const std::string& id) {
    store->stop(Scope::system(), {id, 1});
    cancel(id);
  }

  WorkflowStatus statusOf(const std::string& id) {
    return store->find(Scope::system(), id)->status;
  }

  // The next turn, waited for.
  Turn next() { return queue.take(kForever).value(); }
  bool none() { return !queue.take(Timeout(0)); }
};

bool isRefused(WaitingFixture& fixture) {
  try {
    fixture.start();
    return false;
  } catch (const Error& error) {
    return error.code() == ErrorCode::unavailable && error.retryAfter() > 0;
  }
}

}  // namespace

TEST_CASE("a round that waits has begun, and gets its turn when a place is free") {
  WaitingFixture fixture;
  const std::string first = fixture.start();
  const std::string second = fixture.start();
  const std::string third = fixture.start();
  Turn turn = fixture.next();
  CHECK(turn.input().prompt == first);
  CHECK(fixture.none());
  CHECK(fixture.statusOf(second) == WorkflowStatus::running);
  CHECK(turn.complete());  // its handle is still there
  Turn later = fixture.next();
  CHECK(later.input().prompt == second);
  CHECK(fixture.none());
  CHECK(later.append(textMessage("at last")));
  CHECK(later.fail("no more"));
  CHECK(fixture.next().input().prompt == third);
}

TEST_CASE("as many wait as may, and the next is refused") {
  WaitingFixture fixture;
  for (int i = 0; i < 4; ++i) fixture.start();
  CHECK(isRefused(fixture));
  CHECK(fixture.next().complete());
  CHECK_FALSE(isRefused(fixture));
  CHECK(isRefused(fixture));
}

TEST_CASE("a round that waits can be stopped and deleted; its turn is given to nobody") {
  WaitingFixture fixture;
  fixture.start();
  const std::string stopped = fixture.start();
  const std::string deleted = fixture.start();
  const std::string wanted = fixture.start();
  CHECK(isRefused(fixture));
  fixture.stop(stopped);
  CHECK(fixture.statusOf(stopped) == WorkflowStatus::stopped);
  CHECK_FALSE(isRefused(fixture));
  fixture.store->remove(Scope::system(), deleted);
  fixture.cancel(deleted);
  CHECK_FALSE(isRefused(fixture));
  CHECK(isRefused(fixture));
  CHECK(fixture.next().complete());
  CHECK(fixture.next().input().prompt == wanted);
}

TEST_CASE("the place of a round that is stopped goes to one that waits") {
  WaitingFixture fixture;
  const std::string first = fixture.start();
  const std::string second = fixture.start();
  const Turn turn = fixture.next();
  fixture.stop(first);
  CHECK(turn.cancelled());
  CHECK(fixture.next().input().prompt == second);
}

TEST_CASE("a user at the limit waits, others behind do not") {
  WaitingFixture fixture({.maxRounds = 2, .maxPerUser = 1, .maxWaiting = 3});
  fixture.start("ann");
  const std::string ann = fixture.start("ann");
  const std::string bob = fixture.start("bob");
  Turn first = fixture.next();
  Turn second = fixture.next();
  CHECK(second.input().prompt == bob);
  CHECK(second.complete());
  CHECK(fixture.none());
  CHECK(first.complete());
  CHECK(fixture.next().input().prompt == ann);
}

TEST_CASE("a place that is free before its round is run is used at once") {
  WaitingFixture fixture;
  fixture.start();
  run::RoundSlot slot = fixture.rounds->reserve(user("ann"));
  CHECK(fixture.next().complete());
  const run::RoundRegistry::StartUnderWay underWay(fixture.rounds->registry());
  const Workflow workflow = fixture.StoreFixture::begin();
  fixture.give(underWay, std::move(slot), workflow, "in time", fixture.queue);
  CHECK(fixture.queue.take(Timeout(0))->input().prompt == "in time");
}

TEST_CASE("a place that is not used after all goes to the next") {
  WaitingFixture fixture;
  std::optional<run::RoundSlot> unused = fixture.rounds->reserve(user("ann"));
  const std::string id = fixture.start();
  CHECK(fixture.none());
  unused.reset();
  CHECK(fixture.next().input().prompt == id);
}

TEST_CASE("a shutdown ends the rounds that wait, too") {
  WaitingFixture fixture;
  const std::string first = fixture.start();
  const std::string second = fixture.start();
  fixture.rounds->close();
  CHECK(fixture.statusOf(first) == WorkflowStatus::error);
  CHECK(fixture.statusOf(second) == WorkflowStatus::error);
  CHECK(fixture.none());
  const Tail tail = fixture.store->tail(Scope::system(), second, 0, 9, 9'999).value();
  CHECK(textOf(tail.items.back()).find("interrupted") != std::string::npos);
}

TEST_CASE("the time to be taken in starts when the turn is given, not while it waits") {
  WaitingFixture fixture;
  TurnQueue hasty(fixture.environment, 60s);
  fixture.start();
  const std::string second = fixture.start("ann", &hasty);
  fixture.environment->advance(std::chrono::hours(10));
  CHECK(fixture.statusOf(second) == WorkflowStatus::running);
  CHECK(fixture.next().complete());
  CHECK(hasty.take(kForever)->input().prompt == second);
}

TEST_CASE("the place of a turn that nobody takes goes to one that waits") {
  WaitingFixture fixture;
  TurnQueue hasty(fixture.environment, 60s);
  const std::string left = fixture.start("ann", &hasty);
  const std::string second = fixture.start();
  while (fixture.statusOf(left) == WorkflowStatus::running) {
    fixture.environment->advance(1s);
    std::this_thread::yield();
  }
  CHECK(fixture.next().input().prompt == second);
}

TEST_CASE("rounds that end within their responder's call run one after the other") {
  struct Immediate final : Responder {
    void respond(Turn turn) override {
      turn.complete();
      if (--left == 0) done.set_value();
    }
    void stop() noexcept override {}
    std::atomic<int> left = 0;
    std::promise<void> done;
  };
  constexpr int kRounds = 300;
  Immediate immediate;
  WaitingFixture fixture({.maxRounds = 1, .maxWaiting = kRounds});
  immediate.left = kRounds;
  fixture.start();
  for (int i = 0; i < kRounds; ++i) fixture.start("ann", &immediate);
  CHECK(fixture.next().complete());
  CHECK(immediate.done.get_future().wait_for(20s) == std::future_status::ready);
}

TEST_CASE("many rounds come, wait, end and are stopped at once, and no place is lost") {
  WaitingFixture fixture({.maxRounds = 3, .maxPerUser = 2, .maxWaiting = 1'000});
  std::atomic<int> turns = 0;
  std::vector<std::future<void>> takers;
  for (int i = 0; i < 3; ++i) {
    takers.push_back(std::async(std::launch::async, [&] {
      while (std::optional<Turn> turn = fixture.queue.take(kForever)) {
        ++turns;
        if (turns % 3 == 0) turn->complete();
      }
    }));
  }
  std::vector<std::future<void>> starters;
  for (const char* name : {"ann", "bob", "cleo"}) {
    starters.push_back(std::async(std::launch::async, [&fixture, name] {
      for (int i = 0; i < 100; ++i) {
        const std::string id = fixture.start(name);
        if (i % 4 == 0) fixture.stop(id);
      }
    }));
  }
  for (std::future<void>& starter : starters) starter.get();
  while (!fixture.store->runningRounds(Scope::system()).empty()) std::this_thread::yield();
  fixture.queue.stop();
  for (std::future<void>& taker : takers) taker.get();
  CHECK(turns >= 225);
  CHECK(fixture.rounds->registry().isEmpty());
}

TEST_CASE("an interrupt may begin in the place of the user's own round") {
  WaitingFixture fixture({.maxRounds = 1, .maxWaiting = 0});
  const std::string own = fixture.start("ann");
  CHECK_THROWS_AS(fixture.rounds->reserve(user("ann")), Error);
  CHECK_THROWS_AS(fixture.rounds->reserve(user("bob"), own), Error);
  CHECK_NOTHROW(fixture.rounds->reserve(user("ann"), own));
}
