// What a start does at a limit on running rounds.
#include <doctest/doctest.h>

#include <thread>

#include "chatbot/engine.h"
#include "chatbot/error.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;
using OnLimit = EngineOptions::OnLimit;

const Identity kAnn = user("ann");
const Identity kBob = user("bob");

struct LimitsFixture {
  explicit LimitsFixture(EngineOptions options) {
    options.store.path = folder.database();
    options.environment = environment;
    engine = Engine::open(std::move(options));
  }

  StartedRound start(const Identity& caller, const std::string& prompt, StartOptions how = {}) {
    UserInput input;
    input.prompt = prompt;
    return engine->start(caller, input, how);
  }

  bool isRefused(const Identity& caller, StartOptions how = {}) {
    try {
      start(caller, "refused?", std::move(how));
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::unavailable && error.retryAfter() > 0;
    }
  }

  Turn turn() { return engine->turns()->take(kForever).value(); }
  bool noTurn() { return !engine->turns()->take(Timeout(0)); }

  // The next turn, for which time may have to pass.
  Turn turnInTime() {
    for (;;) {
      environment->advance(100ms);
      if (std::optional<Turn> taken = engine->turns()->take(Timeout(1))) return *std::move(taken);
    }
  }

  WorkflowStatus statusOf(const StartedRound& started) {
    return engine->detail(kAnn, started.workflow.id).workflow.status;
  }

  DatabaseFolder folder;
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::shared_ptr<Engine> engine;
};

EngineOptions onePerUser(OnLimit onLimit) {
  EngineOptions options;
  options.onLimit = onLimit;
  options.maxRoundsPerUser = 1;
  options.maxWaitingRounds = 2;
  return options;
}

StartOptions goOn(const StartedRound& started, OnBusy onBusy) {
  return {.workflowId = started.workflow.id, .onBusy = onBusy};
}

}  // namespace

TEST_CASE("a round that waits for a place shows its message, and can be stopped and deleted") {
  LimitsFixture fixture(onePerUser(OnLimit::queue));
  fixture.start(kAnn, "first");
  const StartedRound stopped = fixture.start(kAnn, "second");
  const StartedRound deleted = fixture.start(kAnn, "third");
  CHECK(fixture.isRefused(kAnn));
  CHECK(stopped.stream->next(kForever).kind == Kind::item);
  CHECK(fixture.statusOf(stopped) == WorkflowStatus::running);

  CHECK(fixture.engine->stop(kAnn, stopped.workflow.id).status == WorkflowStatus::stopped);
  CHECK(stopped.stream->next(kForever).kind == Kind::end);
  fixture.engine->remove(kAnn, deleted.workflow.id);
  const StartedRound last = fixture.start(kAnn, "last");
  CHECK(fixture.turn().complete());
  CHECK(fixture.turn().input().prompt == "last");
}

TEST_CASE("others do not wait behind a user at the limit") {
  LimitsFixture fixture(onePerUser(OnLimit::queue));
  fixture.start(kAnn, "first");
  fixture.start(kAnn, "second");
  fixture.start(kBob, "bob's");
  Turn first = fixture.turn();
  CHECK(fixture.turn().input().prompt == "bob's");
  CHECK(fixture.noTurn());
}

TEST_CASE("a user at the limit may interrupt the own round, and no more than that") {
  LimitsFixture fixture(onePerUser(OnLimit::reject));
  const StartedRound first = fixture.start(kAnn, "first");
  const Turn interrupted = fixture.turn();
  for (int i = 0; i < 3; ++i) fixture.start(kAnn, "again", goOn(first, OnBusy::interrupt));
  CHECK(interrupted.cancelled());
  Turn last = fixture.turn();
  CHECK(last.input().round == 4);
  CHECK_FALSE(last.cancelled());
  CHECK(fixture.isRefused(kAnn));
  CHECK(fixture.isRefused(kAnn, goOn(first, OnBusy::reject)));
  CHECK(last.complete());
  CHECK_FALSE(fixture.isRefused(kAnn));
}

TEST_CASE("a start that waited for its workflow takes the place of the round before it") {
  for (const OnLimit onLimit : {OnLimit::reject, OnLimit::queue}) {
    LimitsFixture fixture(onePerUser(onLimit));
    const StartedRound first = fixture.start(kAnn, "first");
    fixture.start(kAnn, "second", goOn(first, OnBusy::enqueue));
    CHECK(fixture.turn().complete());
    const Turn second = fixture.turn();  // no time needs to pass
    CHECK(second.input().prompt == "second");
    CHECK(second.input().round == 2);
  }
}

TEST_CASE("a start that waits for its workflow and for its user does not hold up another user's") {
  LimitsFixture fixture(onePerUser(OnLimit::reject));
  const StartedRound ann = fixture.start(kAnn, "ann's first");
  Turn annTurn = fixture.turn();
  fixture.start(kAnn, "ann's second", goOn(ann, OnBusy::enqueue));
  const StartedRound bob = fixture.start(kBob, "bob's first");
  Turn bobTurn = fixture.turn();
  fixture.start(kBob, "bob's second", goOn(bob, OnBusy::enqueue));
  CHECK(bobTurn.complete());
  CHECK(fixture.turn().input().prompt == "bob's second");
  CHECK(annTurn.complete());
  CHECK(fixture.turnInTime().input().prompt == "ann's second");
}

TEST_CASE("a turn's input has the documents of its message, as the log has them") {
  LimitsFixture fixture(EngineOptions{});
  UserInput input;
  input.prompt = "look";
  input.listFileId = {"f1", "f2"};
  const StartedRound started = fixture.engine->start(kAnn, input);
  const Turn turn = fixture.turn();
  REQUIRE(turn.input().documents.size() == 2);
  const std::string item = fixture.engine->detail(kAnn, started.workflow.id).items.front().json;
  for (const Document& document : turn.input().documents) {
    CHECK(document.messageId == turn.input().messageId);
    CHECK(item.find(toJson(document, 1)) != std::string::npos);
  }
}

TEST_CASE("a turn that nobody takes within the engine's time fails, and its stream ends") {
  EngineOptions options;
  options.turnTimeout = 30s;
  LimitsFixture fixture(std::move(options));
  const StartedRound started = fixture.start(kAnn, "is anybody there?");
  fixture.environment->advance(30s);
  while (fixture.statusOf(started) == WorkflowStatus::running) std::this_thread::yield();
  CHECK(started.stream->next(kForever).kind == Kind::item);
  CHECK(textOf(started.stream->next(kForever).item) == "Nobody has taken the turn within 30 s");
  CHECK(started.stream->next(kForever).kind == Kind::end);
}
