// Starting on a workflow that is busy, and starting twice.
#include "engine/starter.h"

#include <doctest/doctest.h>

#include <thread>

#include "chatbot/error.h"
#include "support/connect.h"
#include "support/crash.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

const Identity kAnn = user("ann");

struct StarterFixture {
  explicit StarterFixture(OnBusy theOnBusy = OnBusy::reject) : onBusy(theOnBusy) {
    engine = open(path);
  }

  std::shared_ptr<Engine> open(const std::string& where) const {
    EngineOptions options;
    options.store.path = where;
    options.environment = environment;
    options.onBusy = onBusy;
    options.maxQueued = 3;
    return Engine::open(std::move(options));
  }

  StartedRound start(const std::string& prompt, StartOptions how = {}) {
    UserInput input;
    input.prompt = prompt;
    return engine->start(kAnn, input, how);
  }

  // A new conversation, whose turn is taken.
  Turn begin() {
    first = start("one");
    return engine->turns()->take(kForever).value();
  }

  StartedRound goOn(const std::string& prompt, std::optional<OnBusy> how = {}) {
    return start(prompt, {.workflowId = first.workflow.id, .onBusy = how});
  }

  std::string refusal(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      code = error.code();
      return error.what();
    }
    return "not refused";
  }

  // How often the first engine has said that it lives.
  std::int64_t beats() const {
    return number(*connect(path), "SELECT heartbeat FROM instance ORDER BY id LIMIT 1");
  }

  // What a stream shows next but keepalives; time passes until it does.
  StreamEvent nextOf(Stream& stream) const {
    StreamEvent event = stream.next(0ms);
    while (event.kind != Kind::item && event.kind != Kind::end) {
      environment->advance(10ms);
      std::this_thread::sleep_for(1ms);  // the engines look at the clock as often
      event = stream.next(0ms);
    }
    return event;
  }

  Workflow workflow() { return engine->detail(kAnn, first.workflow.id).workflow; }

  DatabaseFolder folder;
  const std::string path = folder.database();
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  OnBusy onBusy;
  std::shared_ptr<Engine> engine;
  StartedRound first;
  ErrorCode code = ErrorCode::internal;
};

std::vector<std::string> textsUntilEnd(Stream& stream) {
  std::vector<std::string> texts;
  for (;;) {
    const StreamEvent event = stream.next(kForever);
    if (event.kind == Kind::end) return texts;
    if (event.kind == Kind::item) texts.push_back(textOf(event.item));
  }
}

}  // namespace

TEST_CASE("a start says itself what it does to a running round; else the engine's option says") {
  StarterFixture fixture(OnBusy::interrupt);
  Turn turn = fixture.begin();
  CHECK(fixture.refusal([&] { fixture.goOn("two", OnBusy::reject); }) ==
        "Workflow " + fixture.first.workflow.id + " is still running");
  CHECK(fixture.code == ErrorCode::busy);
  CHECK_FALSE(turn.cancelled());
  CHECK(fixture.goOn("two").round == 2);
  CHECK(turn.cancelled());
}

TEST_CASE("a start that waits begins when the round before it has ended, and streams its own") {
  StarterFixture fixture(OnBusy::enqueue);
  Turn turn = fixture.begin();
  const StartedRound second = fixture.goOn("two");
  const StartedRound third = fixture.goOn("three");
  CHECK(second.round == 2);
  CHECK(second.workflow.currentRound == 1);
  CHECK(third.round == 3);
  turn.append(textMessage("answer one"));
  CHECK(second.stream->next(Timeout(0)).kind == Kind::none);

  turn.complete();
  Turn next = fixture.engine->turns()->take(kForever).value();
  CHECK(next.input().prompt == "two");
  CHECK(next.input().round == 2);
  CHECK(next.history().size() == 2);
  next.append(textMessage("answer two"));
  next.complete();
  CHECK(textsUntilEnd(*second.stream) == std::vector<std::string>{"two", "answer two"});

  Turn last = fixture.engine->turns()->take(kForever).value();
  last.complete();
  CHECK(textsUntilEnd(*third.stream) == std::vector<std::string>{"three"});
  CHECK(textsUntilEnd(*fixture.first.stream) == std::vector<std::string>{"one", "answer one"});
}

TEST_CASE("too many that wait are refused, and nothing is changed") {
  StarterFixture fixture(OnBusy::enqueue);
  const Turn turn = fixture.begin();
  for (int i = 0; i < 3; ++i) fixture.goOn("next");
  CHECK(
      fixture.refusal([&] { fixture.goOn("one too many"); }).find("too many starts wait for it") !=
      std::string::npos);
  CHECK(fixture.code == ErrorCode::busy);
}

TEST_CASE("a stop meets the running round only: the start that waits begins") {
  StarterFixture fixture(OnBusy::enqueue);
  const Turn turn = fixture.begin();
  const StartedRound second = fixture.goOn("two");
  CHECK(fixture.engine->stop(kAnn, second.workflow.id).status == WorkflowStatus::stopped);
  CHECK(turn.cancelled());
  Turn next = fixture.engine->turns()->take(kForever).value();
  CHECK(next.input().prompt == "two");
  CHECK_FALSE(next.cancelled());
  CHECK(next.complete());
  CHECK(fixture.workflow().status == WorkflowStatus::completed);
}

TEST_CASE("a delete takes the starts that wait with it, and ends their streams") {
  StarterFixture fixture(OnBusy::enqueue);
  const Turn turn = fixture.begin();
  const StartedRound second = fixture.goOn("two");
  fixture.engine->remove(kAnn, second.workflow.id);
  CHECK(textsUntilEnd(*second.stream).empty());
  CHECK(second.stream->end() == StreamEnd::removed);
}

TEST_CASE("starts that wait are begun by the next engine when the process has died" *
          doctest::test_suite("sqlite")) {
  StarterFixture fixture(OnBusy::enqueue);
  const Turn turn = fixture.begin();
  fixture.goOn("two");
  const std::shared_ptr<Engine> next = fixture.open(crashedCopy(fixture.path));
  Turn begun = next->turns()->take(kForever).value();
  CHECK(begun.input().prompt == "two");
  CHECK(begun.input().round == 2);
  CHECK(begun.input().userId == "ann");
  CHECK(begun.complete());
}

TEST_CASE("two engines on one file: a live one's rounds go on, a closed one's are ended") {
  StarterFixture fixture;
  Turn turn = fixture.begin();
  std::shared_ptr<Engine> other = fixture.open(fixture.path);
  CHECK(fixture.workflow().status == WorkflowStatus::running);
  for (int beats = 1; beats <= 12; ++beats) {
    fixture.environment->advance(5s);
    // A little more: it may have been at work meanwhile, and rests first.
    while (fixture.beats() < beats) fixture.environment->advance(1ms);
  }
  CHECK(turn.append(textMessage("still here")));
  CHECK(turn.complete());
  CHECK(other->detail(kAnn, fixture.first.workflow.id).workflow.status ==
        WorkflowStatus::completed);
}

TEST_CASE("two engines on one file: what one does to a round reaches its turn and its readers") {
  StarterFixture fixture;
  Turn turn = fixture.begin();
  const std::string id = fixture.first.workflow.id;
  std::shared_ptr<Engine> other = fixture.open(fixture.path);
  const std::unique_ptr<Stream> elsewhere = other->join(kAnn, id, {}).stream;
  CHECK(fixture.nextOf(*elsewhere).kind == Kind::item);
  Stream& own = *fixture.first.stream;
  CHECK(fixture.nextOf(own).kind == Kind::item);
  SUBCASE("an append and an end") {
    CHECK(turn.append(textMessage("half")));
    CHECK(textOf(fixture.nextOf(*elsewhere).item) == "half");
    CHECK(turn.complete());
    CHECK(fixture.nextOf(*elsewhere).kind == Kind::end);
    CHECK(elsewhere->status() == WorkflowStatus::completed);
  }
  SUBCASE("a stop") {
    CHECK(other->stop(kAnn, id).status == WorkflowStatus::stopped);
    CHECK(fixture.nextOf(own).kind == Kind::end);
    CHECK(own.status() == WorkflowStatus::stopped);
    CHECK(turn.cancelled());
  }
  SUBCASE("a delete") {
    other->remove(kAnn, id);
    CHECK(fixture.nextOf(own).kind == Kind::end);
    CHECK(own.end() == StreamEnd::removed);
    CHECK(turn.cancelled());
  }
}

TEST_CASE("the same key with the same input joins the round that it has started") {
  StarterFixture fixture;
  const StartOptions how{.idempotencyKey = "0198-key"};
  const StartedRound started = fixture.start("hello", how);
  Turn turn = fixture.engine->turns()->take(kForever).value();
  turn.append(textMessage("answer"));
  const StartedRound again = fixture.start("hello", how);
  CHECK(again.workflow.id == started.workflow.id);
  CHECK(again.round == 1);
  turn.complete();
  const StartedRound late = fixture.start("hello", how);
  const std::vector<std::string> whole = {"hello", "answer"};
  CHECK(textsUntilEnd(*started.stream) == whole);
  CHECK(textsUntilEnd(*again.stream) == whole);
  CHECK(textsUntilEnd(*late.stream) == whole);
  CHECK(fixture.engine->listAll(kAnn).size() == 1);
  CHECK_FALSE(fixture.engine->turns()->take(Timeout(0)));
}

TEST_CASE("a start that repeats goes on behind the place that was read") {
  StarterFixture fixture;
  fixture.first = fixture.start("before");
  fixture.engine->turns()->take(kForever).value().complete();
  StartOptions how{.workflowId = fixture.first.workflow.id, .idempotencyKey = "k"};
  fixture.start("hello", how);
  Turn turn = fixture.engine->turns()->take(kForever).value();
  turn.append(textMessage("answer"));
  turn.complete();
  const auto rest = [&](std::int64_t seq) {
    how.after = Position{.seq = seq};
    return textsUntilEnd(*fixture.start("hello", how).stream);
  };
  using Texts = std::vector<std::string>;
  CHECK(rest(0) == Texts{"hello", "answer"});  // before the round
  CHECK(rest(1) == Texts{"hello", "answer"});
  CHECK(rest(2) == Texts{"answer"});
  CHECK(rest(3) == Texts{});
  fixture.refusal([&] { rest(4); });
  CHECK(fixture.code == ErrorCode::conflict);
}

TEST_CASE("a place is refused where a start repeats none, and nothing begins") {
  StarterFixture fixture;
  for (const std::optional<std::string>& key : {std::optional<std::string>("new"), {}}) {
    fixture.refusal(
        [&] { fixture.start("hello", {.idempotencyKey = key, .after = Position{.seq = 1}}); });
    CHECK(fixture.code == ErrorCode::conflict);
  }
  CHECK(fixture.engine->listAll(kAnn).empty());
}

TEST_CASE("a key tells how its round has ended when a later one has begun") {
  StarterFixture fixture;
  const StartOptions how{.idempotencyKey = "k"};
  fixture.first = fixture.start("hello", how);
  Turn turn = fixture.engine->turns()->take(kForever).value();
  SUBCASE("completed") { CHECK(turn.complete()); }
  SUBCASE("failed") { CHECK(turn.fail("no")); }
  const WorkflowStatus ended = fixture.workflow().status;
  fixture.goOn("next");
  const StartedRound again = fixture.start("hello", how);
  textsUntilEnd(*again.stream);
  CHECK(again.stream->status() == ended);
}

TEST_CASE("another input with a key that was used, and a key that is none, are refused") {
  StarterFixture fixture;
  const StartedRound started = fixture.start("hello", {.idempotencyKey = "k"});
  CHECK(fixture.refusal([&] { fixture.start("other", {.idempotencyKey = "k"}); }) ==
        "The Idempotency-Key was used for another request");
  CHECK(fixture.code == ErrorCode::invalidBody);
  const StartOptions elsewhere{.workflowId = started.workflow.id, .idempotencyKey = "k"};
  fixture.refusal([&] { fixture.start("hello", elsewhere); });
  CHECK(fixture.code == ErrorCode::invalidBody);
  for (const std::string& key :
       {std::string(), std::string(256, 'k'), std::string("a\nb"), std::string("é")}) {
    CHECK(fixture.refusal([&] { fixture.start("hello", {.idempotencyKey = key}); })
              .starts_with("Invalid Idempotency-Key"));
    CHECK(fixture.code == ErrorCode::invalidArgument);
  }
  CHECK(fixture.engine->listAll(kAnn).size() == 1);
}

TEST_CASE("a key is forgotten after its time, and with a workflow that is gone it starts nothing") {
  StarterFixture fixture;
  const std::string first = fixture.start("hello", {.idempotencyKey = "k"}).workflow.id;
  fixture.environment->advance(std::chrono::hours(23));
  CHECK(fixture.start("hello", {.idempotencyKey = "k"}).workflow.id == first);
  SUBCASE("forgotten") {
    fixture.environment->advance(std::chrono::hours(2));
    CHECK(fixture.start("hello", {.idempotencyKey = "k"}).workflow.id != first);
  }
  SUBCASE("gone") {
    fixture.engine->remove(kAnn, first);
    fixture.refusal([&] { fixture.start("hello", {.idempotencyKey = "k"}); });
    CHECK(fixture.code == ErrorCode::notFound);
  }
}

TEST_CASE("a key whose start waits joins it before it has begun") {
  StarterFixture fixture(OnBusy::enqueue);
  Turn turn = fixture.begin();
  const StartOptions how{.workflowId = fixture.first.workflow.id, .idempotencyKey = "k"};
  const StartedRound waits = fixture.start("two", how);
  const StartedRound again = fixture.start("two", how);
  CHECK(again.round == 2);
  turn.complete();
  fixture.engine->turns()->take(kForever).value().complete();
  CHECK(textsUntilEnd(*waits.stream) == std::vector<std::string>{"two"});
  CHECK(textsUntilEnd(*again.stream) == std::vector<std::string>{"two"});
}

// A stop belongs to the round that it met.
TEST_CASE("a stop beside the end of its round never touches the next round") {
  for (int i = 0; i < 100; ++i) {
    StarterFixture fixture;
    Turn turn = fixture.begin();
    const std::string id = fixture.first.workflow.id;
    Workflow answered;
    std::thread stopper([&] { answered = fixture.engine->stop(kAnn, id); });
    turn.complete();
    StartedRound second;
    while (fixture.refusal([&] { second = fixture.goOn("two"); }) != "not refused") {
    }
    stopper.join();
    const std::optional<Turn> next = fixture.engine->turns()->take(Timeout(0));
    // Only a stop that came after the second start has met the second round.
    const bool metSecond = answered.currentRound == 2 && answered.status == WorkflowStatus::stopped;
    CHECK((next && !next->cancelled()) == !metSecond);
  }
}
