// Text that is written in a turn, as its readers meet it through the engine.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include "chatbot/engine.h"
#include "chatbot/error.h"
#include "support/crash.h"
#include "support/fixtures.h"
#include "support/often.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

const Identity kAnn = user("ann");

struct DraftFixture {
  DraftFixture() { open(); }

  void open() {
    EngineOptions options;
    options.store.path = path;
    options.environment = environment;
    options.onBusy = OnBusy::interrupt;
    engine = Engine::open(std::move(options));
  }

  // The process dies: nothing that is only in memory remains. What is left of the first engine goes
  // on as a process that was cut off from its file would.
  void crash() {
    dead.push_back(std::move(engine));
    path = crashedCopy(path);
    open();
  }

  Turn start() {
    UserInput input;
    input.prompt = "prompt";
    StartedRound started = engine->start(kAnn, input, {.deltas = Deltas::shown});
    id = started.workflow.id;
    stream = std::move(started.stream);
    return engine->turns()->take(kForever).value();
  }

  std::string conflictAt(const Position& position) {
    try {
      engine->join(kAnn, id, position, Deltas::shown);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::conflict);
      return error.what();
    }
    return "joined";
  }

  std::vector<Item> items() { return engine->detail(kAnn, id).items; }

  DatabaseFolder folder;
  std::string path = folder.database();
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::vector<std::shared_ptr<Engine>> dead;
  std::shared_ptr<Engine> engine;
  std::string id;
  std::unique_ptr<Stream> stream;
};

// The text that the stream has now: deltas joined, and the items' texts in brackets.
std::string textNow(Stream& stream) {
  std::string text;
  for (;;) {
    const StreamEvent event = stream.next(Timeout::zero());
    if (event.kind == Kind::delta) text += event.delta.text;
    if (event.kind == Kind::item) text += "[" + textOf(event.item) + "]";
    if (event.kind == Kind::end) return text + "end";
    if (event.kind == Kind::none) return text;
  }
}

std::string messageIdOf(const Item& item) {
  const std::string mark = "\"item\":{\"id\":\"";
  return item.json.substr(item.json.find(mark) + mark.size(), 36);
}

}  // namespace

TEST_CASE("deltas become the next message of the assistant, under the id that clients know") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  CHECK(turn.delta("Hel"));
  CHECK(turn.delta("lo"));
  textNow(*fixture.stream);
  CHECK(turn.delta("!"));
  const StreamEvent delta = fixture.stream->next(Timeout::zero());
  REQUIRE(delta.kind == Kind::delta);
  CHECK(delta.delta.offset == 5);
  CHECK(turn.append(textLog("thinking")));
  CHECK(turn.append(textMessage("Hello!", "assistant", "last")));
  CHECK(turn.complete());
  CHECK(textNow(*fixture.stream) == "[thinking][Hello!]end");
  CHECK(messageIdOf(fixture.items()[2]) == delta.delta.messageId);
}

TEST_CASE("a message without text takes the text that was written") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  turn.delta("written");
  CHECK(turn.append(textMessage("", "assistant", "last")));
  CHECK(textOf(fixture.items().back()) == "written");
}

TEST_CASE("messages of others leave the draft open") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  turn.delta("answer");
  turn.append(textMessage("found", "tool"));
  turn.delta(" goes on");
  turn.append(textMessage("", "assistant"));
  CHECK(textOf(fixture.items().back()) == "answer goes on");
}

TEST_CASE("code points that are cut between deltas are put together") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  textNow(*fixture.stream);
  const std::string smile = "\U0001F600";
  for (const char byte : "a" + smile + "\u00E4") {
    if (byte != '\0') turn.delta(std::string_view(&byte, 1));
  }
  CHECK(textNow(*fixture.stream) == "a" + smile + "\u00E4");
  CHECK(fixture.stream->position() == Position{.seq = 1, .offset = 3});
  turn.delta(smile.substr(0, 2));
  CHECK(textNow(*fixture.stream).empty());
  turn.delta("x");
  CHECK(textNow(*fixture.stream) == "\uFFFDx");
}

TEST_CASE("a turn that completes with a draft keeps it as the answer") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  turn.delta("all of it");
  CHECK(turn.complete());
  CHECK(textNow(*fixture.stream) == "[prompt][all of it]end");
  CHECK(fixture.items().back().json.find("\"success\":true") != std::string::npos);
}

TEST_CASE("a turn that fails, is stopped or dropped keeps its draft, and says why it ends there") {
  DraftFixture fixture;
  std::string summary = "Interrupted before it was finished";
  {
    Turn turn = fixture.start();
    turn.delta("half");
    SUBCASE("fails") { CHECK(turn.fail("no more")); }
    SUBCASE("stopped") {
      fixture.engine->stop(kAnn, fixture.id);
      summary = "Stopped before it was finished";
    }
    SUBCASE("dropped") {}
    SUBCASE("shut down") {
      fixture.engine->shutdown();
      fixture.open();
    }
    if (fixture.engine->detail(kAnn, fixture.id).workflow.status != WorkflowStatus::running) {
      CHECK_FALSE(turn.delta("more"));
    }
  }
  const Item kept = fixture.items()[1];
  CHECK(textOf(kept) == "half");
  CHECK(kept.json.find("\"summary\":\"" + summary) != std::string::npos);
  CHECK(kept.json.find("\"parentMessageId\":null") == std::string::npos);
  CHECK(kept.json.find("\"success\":false") != std::string::npos);
}

TEST_CASE("a round that was interrupted does not touch the next round's draft") {
  DraftFixture fixture;
  Turn old = fixture.start();
  CHECK(old.delta("old text"));
  UserInput input;
  input.prompt = "again";
  StartedRound again =
      fixture.engine->start(kAnn, input, {.workflowId = fixture.id, .deltas = Deltas::shown});
  Turn next = fixture.engine->turns()->take(kForever).value();
  CHECK(next.delta("new "));
  CHECK_FALSE(old.delta("late"));
  CHECK_FALSE(old.fail("late"));
  CHECK(next.delta("text"));
  CHECK(next.append(textMessage("", "assistant", "last")));
  CHECK(next.complete());
  CHECK(textNow(*again.stream) == "[again][new text]end");
  CHECK(textOf(fixture.items()[1]) == "old text");
}

// A stop that nobody could announce, as nobody was following, before its turn is told.
TEST_CASE("a draft that is opened after its round is over keeps no reader waiting") {
  DraftFixture fixture;
  {
    Turn turn = fixture.start();
    fixture.stream.reset();
    Store::open({.path = fixture.folder.database()}, fixture.environment)
        ->stop(Scope::system(), {fixture.id, 1});
    CHECK(turn.delta("late"));
    fixture.stream = fixture.engine->join(kAnn, fixture.id, {}, Deltas::shown).stream;
    CHECK(textNow(*fixture.stream) == "[prompt]end");
  }
}

TEST_CASE("text that is written is stored within a quarter of a second" *
          doctest::test_suite("sqlite")) {
  DraftFixture fixture;
  Turn turn = fixture.start();
  turn.delta("stored");
  fixture.environment->advance(250ms);
  // The timer's thread saves it: until it has, a crash would find nothing.
  for (std::string kept; kept != "stored";) {
    fixture.crash();
    const std::vector<Item> items = fixture.items();
    REQUIRE(items.size() >= 2);
    kept = textOf(items[1]);
    if (kept == "stored") break;
    turn = fixture.start();
    turn.delta("stored");
    fixture.environment->advance(250ms);
    std::this_thread::yield();
  }
  CHECK(fixture.items().size() == 3);
}

TEST_CASE("places that do not exist yet are refused, with the newest one") {
  DraftFixture fixture;
  Turn turn = fixture.start();
  CHECK(fixture.conflictAt({.seq = 2}) == "Place 2 does not exist yet; the newest is 1");
  CHECK(fixture.conflictAt({.seq = 1, .offset = 1}) ==
        "Place 1.1 does not exist yet; the newest is 1");
  CHECK(fixture.conflictAt({.seq = 1, .offset = 0}) == "joined");
  turn.delta("12345");
  CHECK(fixture.conflictAt({.seq = 1, .offset = 5}) == "joined");
  CHECK(fixture.conflictAt({.seq = 1, .offset = 6}) ==
        "Place 1.6 does not exist yet; the newest is 1.5");
  turn.append(textMessage("12345"));
  CHECK(fixture.conflictAt({.seq = 1, .offset = 5}) == "joined");
  CHECK(fixture.conflictAt({.seq = 2, .offset = 5}) ==
        "Place 2.5 does not exist yet; the newest is 2");
}

TEST_CASE("a position from before a crash goes on with what was recovered" *
          doctest::test_suite("sqlite")) {
  DraftFixture fixture;
  Turn turn = fixture.start();
  turn.delta("unsaved");
  textNow(*fixture.stream);
  const Position position = fixture.stream->position();
  CHECK(position == Position{.seq = 1, .offset = 7});
  fixture.crash();
  const JoinedStream joined = fixture.engine->join(kAnn, fixture.id, position, Deltas::shown);
  CHECK(textNow(*joined.stream).find("interrupted") != std::string::npos);
}

// However the race between them ends, readers have been shown nothing that is not kept.
TEST_CASE("a stop beside deltas and a finishing append keeps all that was shown, once") {
  for (int round = 0; round < test::often(30, 150); ++round) {
    DraftFixture fixture;
    Turn turn = fixture.start();
    std::atomic<bool> written = false;
    std::thread writer([&] {
      while (turn.delta("word ") && turn.delta("word ")) {
        written = true;
        if (round % 2 == 1) break;
      }
      if (round % 2 == 1) turn.append(textMessage("", "assistant", "last"));
    });
    while (!written) std::this_thread::yield();
    fixture.engine->stop(kAnn, fixture.id);
    writer.join();
    const std::string shown = textNow(*fixture.stream);
    const std::vector<Item> items = fixture.items();
    REQUIRE(items.size() == 2);
    const std::string kept = textOf(items[1]);
    CHECK(shown.ends_with("[" + kept + "]end"));
  }
}

TEST_CASE("what a reader was shown before a stop is kept") {
  for (int round = 0; round < test::often(30, 150); ++round) {
    DraftFixture fixture;
    Turn turn = fixture.start();
    std::thread writer([&] {
      while (turn.delta("word ")) {
      }
    });
    std::string shown;
    while (shown.size() < 20) {
      const StreamEvent event = fixture.stream->next(kForever);
      if (event.kind == Kind::delta) shown += event.delta.text;
    }
    std::thread stopper([&] { fixture.engine->stop(kAnn, fixture.id); });
    std::string kept;
    for (StreamEvent event = fixture.stream->next(kForever); event.kind != Kind::end;
         event = fixture.stream->next(kForever)) {
      if (event.kind == Kind::delta) shown += event.delta.text;
      if (event.kind == Kind::item) kept = textOf(event.item);
    }
    stopper.join();
    writer.join();
    CHECK(kept.starts_with(shown));
  }
}
