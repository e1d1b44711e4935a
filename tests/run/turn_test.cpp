#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <future>

#include "chatbot/error.h"
#include "chatbot/run.h"
#include "run/rounds_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

bool readable(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

}  // namespace

TEST_CASE("what a turn appends is in the log of its round, in order") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  CHECK(turn.append(textLog("one")));
  CHECK(turn.append(std::array<ItemContent, 2>{textMessage("two"), textMessage("three")}));
  CHECK(turn.complete());
  const Tail tail = fixture.tail(turn);
  CHECK(tail.workflow.status == WorkflowStatus::completed);
  REQUIRE(tail.items.size() == 4);
  CHECK(textOf(tail.items[1]) == "one");
  CHECK(textOf(tail.items[3]) == "three");
  CHECK(tail.items[3].round == 1);
}

TEST_CASE("a turn that fails ends its round with the safe text as an error log") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  CHECK(turn.fail("the model is away"));
  const Tail tail = fixture.tail(turn);
  CHECK(tail.workflow.status == WorkflowStatus::error);
  CHECK(textOf(tail.items.back()) == "the model is away");
  CHECK(tail.items.back().json.find("\"type\":\"error\"") != std::string::npos);
}

TEST_CASE("a finished turn refuses a second finish and takes nothing more") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  CHECK(turn.complete());
  CHECK_FALSE(turn.append(textLog("late")));
  try {
    turn.fail("again");
    FAIL("it was finished twice");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::misuse);
  }
  CHECK(fixture.tail(turn).workflow.status == WorkflowStatus::completed);
}

TEST_CASE("a turn that is dropped ends its round as failed") {
  RoundsFixture fixture;
  std::string workflowId;
  {
    const Turn turn = fixture.begin();
    workflowId = turn.input().workflowId;
  }
  const Tail tail = fixture.store->tail(Scope::system(), workflowId, 0, 10, 10'000).value();
  CHECK(tail.workflow.status == WorkflowStatus::error);
  CHECK(tail.items.size() == 2);
}

TEST_CASE("a turn that is dropped while the store fails keeps its text once the store is back") {
  RoundsFixture fixture;
  fixture.store->onChange([&](const Change& change) { fixture.hub->notify(change); });
  fixture.store->draftsFrom([&](std::string_view id, store::DraftAccess access) {
    return fixture.hub->draft(id, access);
  });
  std::string workflowId;
  {
    Turn turn = fixture.begin();
    workflowId = turn.input().workflowId;
    CHECK(turn.delta("not lost"));
    fixture.flaky->failing = true;
  }
  fixture.flaky->failing = false;
  const auto isOver = [&] {
    return fixture.store->find(Scope::system(), workflowId)->status != WorkflowStatus::running;
  };
  while (!isOver()) fixture.environment->advance(100ms);
  const Tail tail = fixture.store->tail(Scope::system(), workflowId, 0, 10, 10'000).value();
  REQUIRE(tail.items.size() == 3);
  CHECK(textOf(tail.items[1]) == "not lost");
}

TEST_CASE("a turn that is replaced by another one is dropped, not forgotten") {
  RoundsFixture fixture;
  Turn turn = fixture.begin("first");
  const std::string first = turn.input().workflowId;
  turn = fixture.begin("second");
  CHECK(fixture.store->find(Scope::system(), first)->status == WorkflowStatus::error);
  CHECK(turn.input().prompt == "second");
  CHECK(turn.complete());
}

TEST_CASE("a cancelled turn knows by flag, descriptor and callback, and appends nothing") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  int calls = 0;
  turn.onCancel([&] { ++calls; });
  const int descriptor = turn.cancelPollable();
  CHECK_FALSE(turn.cancelled());
  CHECK_FALSE(readable(descriptor));

  fixture.store->stop(Scope::system(), {turn.input().workflowId, 1});
  fixture.cancel(turn.input().workflowId);
  fixture.cancel(turn.input().workflowId);
  CHECK(turn.cancelled());
  CHECK(readable(descriptor));
  CHECK(readable(turn.cancelPollable()));
  CHECK(calls == 1);
  CHECK_FALSE(turn.append(textLog("late")));
  CHECK_FALSE(turn.complete());
  CHECK(fixture.tail(turn).workflow.status == WorkflowStatus::stopped);
  CHECK(fixture.tail(turn).items.size() == 1);
}

TEST_CASE("a callback that was taken back is not called") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  int calls = 0;
  turn.onCancel([&] { ++calls; });
  turn.onCancel(nullptr);
  fixture.cancel(turn.input().workflowId);
  CHECK(calls == 0);
}

TEST_CASE("taking a callback back waits until it is not running") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  std::promise<void> inside;
  std::promise<void> goOn;
  std::atomic<bool> left = false;
  turn.onCancel([&] {
    inside.set_value();
    goOn.get_future().wait();
    left = true;
  });
  auto cancelling =
      std::async(std::launch::async, [&] { fixture.cancel(turn.input().workflowId); });
  inside.get_future().wait();
  auto takingBack = std::async(std::launch::async, [&] {
    turn.onCancel(nullptr);
    return left.load();
  });
  goOn.set_value();
  CHECK(takingBack.get());
  cancelling.get();
}

TEST_CASE("a callback may take itself back") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  bool called = false;
  turn.onCancel([&] {
    called = true;
    turn.onCancel(nullptr);
  });
  fixture.cancel(turn.input().workflowId);
  CHECK(called);
}

TEST_CASE("a cancel of a workflow's old round does not touch its next one") {
  RoundsFixture fixture;
  Turn first = fixture.begin();
  const std::string id = first.input().workflowId;
  fixture.store->stop(Scope::system(), {id, 1});
  fixture.cancel(id);
  const Start next =
      beginRound(*fixture.store, Scope::system(), id, textMessage("again", "user", "first"));
  Turn second = fixture.run(next.workflow, "again");
  CHECK_FALSE(first.complete());
  CHECK_FALSE(second.cancelled());
  fixture.cancel(id);  // comes late
  CHECK_FALSE(second.cancelled());
  CHECK(second.append(textLog("goes on")));
  fixture.cancel(id, 2);
  CHECK(second.cancelled());
}

TEST_CASE("a round that was stopped before its turn was made is given to nobody") {
  RoundsFixture fixture;
  const Workflow workflow = fixture.StoreFixture::begin();
  run::RoundSlot slot = fixture.rounds->reserve(user("ann"));
  const run::RoundRegistry::StartUnderWay start(fixture.rounds->registry());
  fixture.store->stop(Scope::system(), {workflow.id, 1});
  SUBCASE("here") { fixture.cancel(workflow.id); }
  SUBCASE("by a peer") { fixture.rounds->cancelEnded(workflow.id); }
  fixture.give(start, std::move(slot), workflow, "", fixture.queue);
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
  CHECK(fixture.store->find(Scope::system(), workflow.id)->status == WorkflowStatus::stopped);
}

TEST_CASE("the history holds the messages of earlier rounds, not this one's and no logs") {
  RoundsFixture fixture;
  Turn first = fixture.begin("question");
  first.append(std::array<ItemContent, 2>{textLog("log"), textMessage("answer")});
  first.complete();
  const Start next = beginRound(*fixture.store, Scope::system(), first.input().workflowId,
                                textMessage("again", "user", "first"));
  const Turn second = fixture.run(next.workflow, "again");
  const std::vector<Item> history = second.history();
  REQUIRE(history.size() == 2);
  CHECK(textOf(history[0]) == "question");
  CHECK(textOf(history[1]) == "answer");
  CHECK(first.history().empty());
}

TEST_CASE("rounds are limited until a turn is gone") {
  RoundsFixture fixture;
  std::vector<Turn> turns;
  for (int i = 0; i < 3; ++i) turns.push_back(fixture.begin());
  try {
    fixture.rounds->reserve(user("ann"));
    FAIL("a fourth was allowed");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(error.retryAfter() > 0);
  }
  turns.pop_back();
  CHECK_NOTHROW(fixture.rounds->reserve(user("ann")));
}

TEST_CASE("a round that was cancelled gives its place back, whatever its responder does") {
  RoundsFixture fixture;
  std::vector<Turn> turns;
  for (int i = 0; i < 3; ++i) turns.push_back(fixture.begin());
  fixture.cancel(turns[0].input().workflowId);
  CHECK_NOTHROW(fixture.rounds->reserve(user("ann")));
}

TEST_CASE("a round whose end the store could not take is ended when it can") {
  RoundsFixture fixture;
  const Workflow workflow = fixture.StoreFixture::begin();
  {
    const Turn turn = fixture.run(workflow, "x");
    fixture.flaky->failing = true;
  }
  CHECK(fixture.store->find(Scope::system(), workflow.id)->status == WorkflowStatus::running);
  fixture.flaky->failing = false;
  std::promise<void> told;
  fixture.store->onChange([&](const Change& change) {
    if (change.status == WorkflowStatus::error) told.set_value();
  });
  fixture.environment->advance(1s);
  CHECK(told.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(fixture.store->find(Scope::system(), workflow.id)->status == WorkflowStatus::error);
}

TEST_CASE("rounds that were left running are ended as interrupted, with what they had") {
  RoundsFixture fixture;
  Workflow workflow;
  {
    const std::shared_ptr<Store> left = Store::open(fixture.options, fixture.environment);
    workflow = create(*left, Scope::system(), newWorkflow(user("ann")), textMessage("hello"));
    left->append(Scope::system(), {workflow.id, 1},
                 std::array<ItemContent, 1>{textMessage("half an ans")});
  }
  const Turn alive = fixture.begin();
  fixture.rounds->recovery().recover();
  CHECK(fixture.tail(alive).workflow.status == WorkflowStatus::running);
  const Tail tail = fixture.store->tail(Scope::system(), workflow.id, 0, 10, 10'000).value();
  CHECK(tail.workflow.status == WorkflowStatus::error);
  REQUIRE(tail.items.size() == 3);
  CHECK(textOf(tail.items[1]) == "half an ans");
  CHECK(textOf(tail.items[2]).find("interrupted") != std::string::npos);
  CHECK(fixture.store->runningRounds(Scope::system()).size() == 1);
}

TEST_CASE("closing ends every round, cancels its turn and refuses new ones") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  fixture.rounds->close();
  CHECK(turn.cancelled());
  CHECK(fixture.tail(turn).workflow.status == WorkflowStatus::error);
  CHECK_THROWS_AS(fixture.rounds->reserve(user("ann")), Error);
}

TEST_CASE("a responder that throws ends the round as failed") {
  struct Throwing final : Responder {
    void respond(Turn) override { throw std::runtime_error("no"); }
    void stop() noexcept override {}
  };
  RoundsFixture fixture;
  const Workflow workflow = fixture.StoreFixture::begin();
  Throwing responder;
  fixture.give(workflow, "", responder);
  CHECK(fixture.store->find(Scope::system(), workflow.id)->status == WorkflowStatus::error);
}
