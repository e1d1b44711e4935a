#include "run/recovery.h"

#include <doctest/doctest.h>

#include <thread>

#include "run/rounds_fixture.h"
#include "support/fixtures.h"
#include "support/flaky_store.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

struct EndFixture : StoreFixture {
  WorkflowStatus status() { return store->find(Scope::system(), key.workflowId)->status; }

  const RoundKey key{begin().id, 1};
  std::shared_ptr<FlakyStore> flaky = std::make_shared<FlakyStore>(store);
  std::shared_ptr<base::Timers> timers = std::make_shared<base::Timers>(environment);
  RoundEnd end{flaky, timers, environment, {}};
};

struct RecoveryFixture : RoundsFixture {
  ~RecoveryFixture() { rounds->close(); }

  // As Maintenance does it, for so long.
  void recoverFor(std::chrono::seconds time) {
    for (auto passed = 0s; passed < time; passed += 1s) {
      rounds->recovery().recover();
      environment->advance(1s);
    }
  }

  WorkflowStatus statusOf(const std::string& id) {
    return store->find(Scope::system(), id).value().status;
  }

  std::string beginUnanswered() { return StoreFixture::begin(user("ann"), "hello").id; }
};

}  // namespace

TEST_CASE("a round ends at once as failed, with the text that clients see") {
  EndFixture fixture;
  CHECK(fixture.end.tryNow(Scope::system(), fixture.key, "no answer"));
  CHECK(fixture.status() == WorkflowStatus::error);
  const Tail tail =
      fixture.store->tail(Scope::system(), fixture.key.workflowId, 0, 9, 9'999).value();
  CHECK(textOf(tail.items.back()) == "no answer");
  CHECK(fixture.end.tryNow(Scope::system(), fixture.key, "again"));
}

TEST_CASE("an end is tried until the store takes it, and holds the draft until then") {
  EndFixture fixture;
  fixture.flaky->failing = true;
  CHECK_FALSE(fixture.end.tryNow(Scope::system(), fixture.key, "no answer"));
  auto draft = std::make_shared<int>();
  const std::weak_ptr<int> held = draft;
  fixture.end.tryLater(Scope::system(), fixture.key, "no answer", std::move(draft));
  while (fixture.flaky->failures < 3) {
    fixture.environment->advance(10ms);
    std::this_thread::yield();
  }
  CHECK_FALSE(held.expired());
  fixture.flaky->failing = false;
  while (fixture.status() == WorkflowStatus::running) {
    fixture.environment->advance(10ms);
    std::this_thread::yield();
  }
  fixture.timers->stop();
  CHECK(held.expired());
}

TEST_CASE("a round that nobody answers is ended, one that is answered goes on") {
  RecoveryFixture fixture;
  const Turn turn = fixture.begin();
  const std::string unowned = fixture.beginUnanswered();
  fixture.rounds->recovery().expectUnowned();
  fixture.recoverFor(4s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::running);
  fixture.recoverFor(3s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::error);
  CHECK(fixture.statusOf(turn.input().workflowId) == WorkflowStatus::running);
}

TEST_CASE("a round that comes to the store late is ended, too") {
  RecoveryFixture fixture;
  fixture.rounds->recovery().expectUnowned();
  fixture.recoverFor(60s);
  const std::string unowned = fixture.beginUnanswered();
  fixture.recoverFor(8s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::error);
}

TEST_CASE("where all outcomes are known, nothing is ended") {
  RecoveryFixture fixture;
  const std::string begun = fixture.beginUnanswered();
  fixture.recoverFor(30s);
  CHECK(fixture.statusOf(begun) == WorkflowStatus::running);
}
