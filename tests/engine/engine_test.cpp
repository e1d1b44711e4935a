#include "chatbot/engine.h"

#include <doctest/doctest.h>

#include <array>
#include <thread>

#include "chatbot/error.h"
#include "support/crash.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

struct EngineFixture {
  explicit EngineFixture(EngineOptions overrides = {}) : options(std::move(overrides)) {
    options.store.path = folder.database();
    options.environment = environment;
    engine = Engine::open(options_());
  }

  EngineOptions options_() const {
    EngineOptions copy;
    copy.store = options.store;
    copy.streams = options.streams;
    copy.onBusy = options.onBusy;
    copy.maxRounds = options.maxRounds;
    copy.maxRoundsPerMandate = options.maxRoundsPerMandate;
    copy.maxRoundsPerUser = options.maxRoundsPerUser;
    copy.environment = environment;
    return copy;
  }

  void reopen() {
    engine.reset();
    engine = Engine::open(options_());
  }

  StartedRound start(const Identity& caller, const std::string& prompt = "hello",
                     std::optional<std::string> id = {}) {
    UserInput input;
    input.prompt = prompt;
    return engine->start(caller, input, {.workflowId = std::move(id)});
  }

  // A thread of `owner` whose round has ended.
  std::string thread(const Identity& owner) {
    const StartedRound started = start(owner);
    turn().complete();
    return started.workflow.id;
  }

  Turn turn() { return engine->turns()->take(kForever).value(); }

  DatabaseFolder folder;
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  EngineOptions options;
  std::shared_ptr<Engine> engine;
};

template <typename Call>
ErrorCode codeOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::internal;
}

std::vector<std::int64_t> placesUntilEnd(Stream& stream) {
  std::vector<std::int64_t> places;
  for (;;) {
    const StreamEvent event = stream.next(kForever);
    if (event.kind == Kind::end) return places;
    if (event.kind == Kind::item) places.push_back(event.item->seq);
  }
}

const Identity kAnn = user("ann");
const Identity kBob = user("bob");
const Identity kAdmin = user("adam", "m1", {"admin"});
const Identity kViewer = user("vic", "m1", {"viewer"});
const Identity kForeignAdmin = user("adam", "m2", {"admin"});
const Identity kSysadmin = user("sue", "m9", {"sysadmin"});
const Identity kNobody = user("ann", "m1", {});

}  // namespace

TEST_CASE("a start gives the turn to the responder and the round to the stream") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn, "What is new?\nTell me.");
  CHECK(started.workflow.name == "What is new?");
  CHECK(started.workflow.createdBy == "ann");
  CHECK(started.workflow.mandateId == "m1");
  Turn turn = fixture.turn();
  CHECK(turn.input().prompt == "What is new?\nTell me.");
  CHECK(turn.input().userId == "ann");
  CHECK(turn.append(textMessage("nothing")));
  CHECK(turn.complete());
  CHECK(placesUntilEnd(*started.stream) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("a further round streams its own items only") {
  EngineFixture fixture;
  const std::string id = fixture.thread(kAnn);
  const StartedRound second = fixture.start(kAnn, "again", id);
  CHECK(second.workflow.id == id);
  CHECK(second.workflow.currentRound == 2);
  fixture.turn().complete();
  CHECK(placesUntilEnd(*second.stream) == std::vector<std::int64_t>{2});
}

TEST_CASE("the id of the call wins over the one in the input; an empty one is none") {
  EngineFixture fixture;
  const std::string first = fixture.thread(kAnn);
  const std::string second = fixture.thread(kAnn);
  UserInput input;
  input.prompt = "x";
  input.workflowId = first;
  CHECK(fixture.engine->start(kAnn, input, {.workflowId = second}).workflow.id == second);
  CHECK(fixture.engine->start(kAnn, input).workflow.id == first);
  input.workflowId = "";
  CHECK(fixture.engine->start(kAnn, input, {.workflowId = ""}).workflow.currentRound == 1);
}

TEST_CASE("a running workflow refuses another round, and nothing is changed") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  CHECK(codeOf([&] { fixture.start(kAnn, "again", started.workflow.id); }) == ErrorCode::busy);
  const Tail tail = fixture.engine->detail(kAnn, started.workflow.id);
  CHECK(tail.items.size() == 1);
  CHECK(tail.workflow.currentRound == 1);
}

TEST_CASE("with onBusy = interrupt the running round is stopped and the next one begins") {
  EngineOptions options;
  options.onBusy = OnBusy::interrupt;
  EngineFixture fixture(std::move(options));
  const StartedRound first = fixture.start(kAnn);
  Turn turn = fixture.turn();
  const StartedRound second = fixture.start(kAnn, "again", first.workflow.id);
  CHECK(second.workflow.currentRound == 2);
  CHECK(turn.cancelled());
  CHECK_FALSE(turn.append(textLog("late")));
  CHECK(placesUntilEnd(*first.stream) == std::vector<std::int64_t>{1});
}

TEST_CASE("a stop ends the round, its turn and its streams; a second one changes nothing") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  Turn turn = fixture.turn();
  const Workflow stopped = fixture.engine->stop(kAnn, started.workflow.id);
  CHECK(stopped.status == WorkflowStatus::stopped);
  CHECK(turn.cancelled());
  CHECK(placesUntilEnd(*started.stream) == std::vector<std::int64_t>{1});
  fixture.environment->advance(10s);
  CHECK(toJson(fixture.engine->stop(kAnn, started.workflow.id)) == toJson(stopped));
}

TEST_CASE("a stop of a workflow that has completed answers it as it is") {
  EngineFixture fixture;
  const std::string id = fixture.thread(kAnn);
  CHECK(fixture.engine->stop(kAnn, id).status == WorkflowStatus::completed);
}

TEST_CASE("a delete cancels the round, ends the streams and leaves nothing") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  Turn turn = fixture.turn();
  fixture.engine->remove(kAnn, started.workflow.id);
  CHECK(turn.cancelled());
  CHECK(started.stream->next(kForever).kind == Kind::end);
  CHECK(started.stream->end() == StreamEnd::removed);
  CHECK(codeOf([&] { fixture.engine->detail(kAnn, started.workflow.id); }) == ErrorCode::notFound);
  CHECK(fixture.engine->listAll(kAnn).empty());
}

TEST_CASE("who may do what to a thread of ann in mandate m1") {
  EngineFixture fixture;
  struct Row {
    const Identity* caller;
    std::optional<ErrorCode> read, change, remove;
  };
  const auto kDone = std::optional<ErrorCode>();
  const auto k404 = std::optional(ErrorCode::notFound);
  const auto k403 = std::optional(ErrorCode::forbidden);
  const std::array rows = {
      Row{&kAnn, kDone, kDone, kDone},       Row{&kBob, k404, k404, k404},
      Row{&kAdmin, kDone, kDone, kDone},     Row{&kViewer, kDone, k403, k403},
      Row{&kForeignAdmin, k404, k404, k404}, Row{&kSysadmin, kDone, kDone, kDone},
      Row{&kNobody, k404, k404, k404}};
  const auto outcome = [](const auto& call) -> std::optional<ErrorCode> {
    try {
      call();
      return std::nullopt;
    } catch (const Error& error) {
      return error.code();
    }
  };
  for (const Row& row : rows) {
    const Identity& caller = *row.caller;
    CAPTURE(caller.userId);
    CAPTURE(caller.mandateId);
    const std::string id = fixture.thread(kAnn);
    CHECK(outcome([&] { fixture.engine->detail(caller, id); }) == row.read);
    CHECK(outcome([&] { fixture.engine->join(caller, id); }) == row.read);
    CHECK(outcome([&] { fixture.engine->rename(caller, id, "n"); }) == row.change);
    CHECK(outcome([&] { fixture.engine->stop(caller, id); }) == row.change);
    CHECK(outcome([&] { fixture.start(caller, "x", id); }) == row.change);
    CHECK((fixture.engine->listAll(caller).empty()) == (row.read == k404));
    CHECK(outcome([&] { fixture.engine->remove(caller, id); }) == row.remove);
    if (row.remove != kDone) fixture.engine->remove(kSysadmin, id);
  }
}

TEST_CASE("an absent workflow and a foreign one are refused in the same words") {
  EngineFixture fixture;
  const std::string foreign = fixture.thread(kAnn);
  std::string absent = foreign;
  absent.back() = absent.back() == '0' ? '1' : '0';
  const auto words = [&](const std::string& id) {
    try {
      fixture.engine->detail(kBob, id);
    } catch (const Error& error) {
      std::string text = error.what();
      text.replace(text.find(id), id.size(), "ID");
      return text;
    }
    return std::string();
  };
  CHECK(words(foreign) == words(absent));
  CHECK_FALSE(words(foreign).empty());
}

TEST_CASE("who may not create is refused, and a caller without roles too") {
  EngineFixture fixture;
  CHECK(codeOf([&] { fixture.start(kViewer); }) == ErrorCode::forbidden);
  CHECK(codeOf([&] { fixture.start(kNobody); }) == ErrorCode::forbidden);
  CHECK(fixture.engine->listAll(kSysadmin).empty());
}

TEST_CASE("an identity that cannot be is refused") {
  EngineFixture fixture;
  CHECK(codeOf([&] { fixture.start(user("")); }) == ErrorCode::invalidArgument);
  CHECK(codeOf([&] { fixture.engine->listAll(user("")); }) == ErrorCode::invalidArgument);
}

TEST_CASE("a user without a mandate has own threads, apart from those in any mandate") {
  EngineFixture fixture;
  const Identity loner = user("ann", "");
  const std::string id = fixture.thread(loner);
  fixture.thread(kAnn);
  REQUIRE(fixture.engine->listAll(loner).size() == 1);
  CHECK(fixture.engine->listAll(loner)[0].id == id);
  CHECK(fixture.engine->listAll(user("eve", "", {"admin"})).empty());
  CHECK(fixture.engine->listAll(user("eve", "None", {"admin"})).empty());
}

TEST_CASE("ids that are none are not found, whatever they hold") {
  EngineFixture fixture;
  for (const std::string& id :
       {std::string(""), std::string("x"), std::string("' OR 1=1 --"), std::string("a\0b", 3),
        std::string("\xFF\xFE"), std::string(100'000, 'a')}) {
    CHECK(codeOf([&] { fixture.engine->detail(kAnn, id); }) == ErrorCode::notFound);
    CHECK(codeOf([&] { fixture.engine->stop(kAnn, id); }) == ErrorCode::notFound);
    CHECK(codeOf([&] { fixture.engine->remove(kAnn, id); }) == ErrorCode::notFound);
    CHECK(codeOf([&] { fixture.engine->join(kAnn, id); }) == ErrorCode::notFound);
  }
}

TEST_CASE("a join shows all items, or those after a place; nothing where nothing will come") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  Turn turn = fixture.turn();
  turn.append(textLog("a"));
  const std::string id = started.workflow.id;
  const JoinedStream all = fixture.engine->join(kAnn, id);
  const JoinedStream rest = fixture.engine->join(kAnn, id, Position{.seq = 1});
  const JoinedStream live = fixture.engine->join(kAnn, id, Position{.seq = 2});
  turn.append(textLog("b"));
  turn.complete();
  CHECK(placesUntilEnd(*all.stream) == std::vector<std::int64_t>{1, 2, 3});
  CHECK(placesUntilEnd(*rest.stream) == std::vector<std::int64_t>{2, 3});
  CHECK(placesUntilEnd(*live.stream) == std::vector<std::int64_t>{3});

  CHECK(placesUntilEnd(*fixture.engine->join(kAnn, id, Position{.seq = 1}).stream).size() == 2);
  CHECK(placesUntilEnd(*fixture.engine->join(kAnn, id).stream).size() == 3);
  CHECK(fixture.engine->join(kAnn, id, Position{.seq = 3}).stream == nullptr);
  CHECK(codeOf([&] { fixture.engine->join(kAnn, id, Position{.seq = 4}); }) == ErrorCode::conflict);
}

TEST_CASE("a rule that is taken away ends open streams, and calls at once") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  const JoinedStream admin = fixture.engine->join(kAdmin, started.workflow.id);
  admin.stream->next(kForever);
  std::vector<Rule> rules = {{.role = "user",
                              .table = "*",
                              .read = Level::my,
                              .create = Level::my,
                              .update = Level::my,
                              .remove = Level::my}};
  fixture.engine->setRules(RuleSet(std::move(rules)));
  CHECK(admin.stream->next(kForever).kind == Kind::end);
  CHECK(admin.stream->end() == StreamEnd::denied);
  CHECK(codeOf([&] { fixture.engine->detail(kAdmin, started.workflow.id); }) ==
        ErrorCode::notFound);
  CHECK(started.stream->next(kForever).kind == Kind::item);
}

TEST_CASE("a limit on streams or rounds refuses the start before anything is changed") {
  EngineOptions options;
  SUBCASE("streams") { options.streams.maxStreams = 1; }
  SUBCASE("streams of a user") { options.streams.maxStreamsPerUser = 1; }
  SUBCASE("rounds") { options.maxRounds = 1; }
  SUBCASE("rounds of a mandate") { options.maxRoundsPerMandate = 1; }
  SUBCASE("rounds of a user") { options.maxRoundsPerUser = 1; }
  EngineFixture fixture(std::move(options));
  const StartedRound started = fixture.start(kAnn);
  CHECK(codeOf([&] { fixture.start(kAnn); }) == ErrorCode::unavailable);
  CHECK(fixture.engine->listAll(kAnn).size() == 1);
}

TEST_CASE("after a crash the running round is ended as interrupted, and the thread goes on" *
          doctest::test_suite("sqlite")) {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  const std::string id = started.workflow.id;
  Turn turn = fixture.turn();
  turn.append(textMessage("half"));
  EngineOptions options;
  options.store.path = crashedCopy(fixture.options.store.path);
  const std::shared_ptr<Engine> engine = Engine::open(std::move(options));
  const Tail tail = engine->detail(kAnn, id);
  CHECK(tail.workflow.status == WorkflowStatus::error);
  REQUIRE(tail.items.size() == 3);
  CHECK(textOf(tail.items[1]) == "half");
  CHECK(textOf(tail.items[2]).find("interrupted") != std::string::npos);
  UserInput input;
  input.prompt = "go on";
  CHECK(engine->start(kAnn, input, {.workflowId = id}).workflow.currentRound == 2);
}

TEST_CASE("a shutdown ends streams, rounds and takers, and refuses later calls") {
  EngineFixture fixture;
  const StartedRound started = fixture.start(kAnn);
  Turn turn = fixture.turn();
  std::thread taker([&] { CHECK_FALSE(fixture.engine->turns()->take(kForever)); });
  fixture.engine->shutdown();
  fixture.engine->shutdown();
  taker.join();
  CHECK(turn.cancelled());
  CHECK(started.stream->next(kForever).kind == Kind::end);
  CHECK(started.stream->end() == StreamEnd::shutdown);
  CHECK(codeOf([&] { fixture.engine->listAll(kAnn); }) == ErrorCode::unavailable);
  CHECK(codeOf([&] { fixture.start(kAnn); }) == ErrorCode::unavailable);
  fixture.reopen();
  CHECK(fixture.engine->detail(kAnn, started.workflow.id).workflow.status == WorkflowStatus::error);
}

TEST_CASE("turns and streams may outlive their engine") {
  EngineFixture fixture;
  StartedRound started = fixture.start(kAnn);
  Turn turn = fixture.turn();
  fixture.engine.reset();
  CHECK_FALSE(turn.append(textLog("late")));
  CHECK(started.stream->next(kForever).kind == Kind::end);
}

TEST_CASE("a workflow of another mode is refused by every call, and never listed") {
  EngineFixture fixture;
  fixture.engine.reset();
  Import other;
  other.workflow = newWorkflow(kAnn);
  other.workflow.id = newId(*fixture.environment);
  other.workflow.workflowMode = "Dynamic";
  Store::open(fixture.options.store, fixture.environment)
      ->import(Scope::system(), std::array{other});
  fixture.reopen();
  const std::string id = other.workflow.id;
  CHECK(codeOf([&] { fixture.engine->detail(kAnn, id); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.engine->stop(kAnn, id); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.engine->remove(kAnn, id); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.engine->rename(kAnn, id, "x"); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.engine->join(kAnn, id); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.start(kAnn, "x", id); }) == ErrorCode::wrongMode);
  CHECK(codeOf([&] { fixture.engine->detail(kBob, id); }) == ErrorCode::notFound);
  CHECK(fixture.engine->listAll(kAnn).empty());
}

TEST_CASE("a stop and a start at one moment never leave a round that nobody serves") {
  EngineFixture fixture;
  std::string id = fixture.thread(kAnn);
  for (int i = 0; i < 50; ++i) {
    fixture.start(kAnn, "x", id);
    Turn first = fixture.turn();
    std::thread stopping([&] { fixture.engine->stop(kAnn, id); });
    bool started = false;
    while (!started) {
      try {
        fixture.start(kAnn, "y", id);
        started = true;
      } catch (const Error&) {
        std::this_thread::yield();
      }
    }
    stopping.join();
    CHECK(first.cancelled());
    // The stop has met the first round or the second; a second one that runs has a turn that works.
    if (fixture.engine->detail(kAnn, id).workflow.status != WorkflowStatus::running) {
      id = fixture.thread(kAnn);
      continue;
    }
    Turn second = fixture.turn();
    CHECK_FALSE(second.cancelled());
    CHECK(second.complete());
  }
}

TEST_CASE("names and prompts are checked for every caller") {
  EngineFixture fixture;
  const std::string id = fixture.thread(kAnn);
  for (const std::string& name :
       std::vector<std::string>{"", "  ", "a\nb", std::string(201, 'n'), "\xFF\xFE"}) {
    CHECK(codeOf([&] { fixture.engine->rename(kAnn, id, name); }) == ErrorCode::invalidArgument);
  }
  CHECK(codeOf([&] { fixture.start(kAnn, " \n"); }) == ErrorCode::invalidArgument);
  CHECK(fixture.engine->detail(kAnn, id).workflow.name == "hello");
}

TEST_CASE("a start names no more documents than a message may have") {
  EngineFixture fixture;
  UserInput input;
  input.prompt = "x";
  input.listFileId.assign(kMaxFileIds, "f");
  CHECK_FALSE(fixture.engine->start(kAnn, input).workflow.id.empty());
  input.listFileId.emplace_back("one more");
  CHECK(codeOf([&] { fixture.engine->start(kAnn, input); }) == ErrorCode::invalidArgument);
  input.listFileId = {std::string(kMaxFileIdLength + 1, 'i')};
  CHECK(codeOf([&] { fixture.engine->start(kAnn, input); }) == ErrorCode::invalidArgument);
}

TEST_CASE("two starts at one moment on one workflow: one wins") {
  EngineFixture fixture;
  const std::string id = fixture.thread(kAnn);
  std::atomic<int> won = 0;
  std::atomic<int> busy = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      try {
        fixture.start(kAnn, "x", id);
        ++won;
      } catch (const Error& error) {
        if (error.code() == ErrorCode::busy) ++busy;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(busy == 7);
  CHECK(fixture.engine->detail(kAnn, id).items.size() == 2);
}
