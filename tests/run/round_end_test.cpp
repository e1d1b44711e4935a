#include "run/round_end.h"

#include <doctest/doctest.h>

#include <thread>

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
