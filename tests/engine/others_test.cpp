// Two engines on one database: what is written in one is read in the other.
#include <doctest/doctest.h>

#include <thread>

#include "chatbot/engine.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

const Identity kAnn = user("ann");

// What a reader of deltas has joined together.
struct Reading {
  std::string text;
  std::vector<std::string> items;
  Position position;
  bool ended = false;
};

struct TwoEngines {
  std::shared_ptr<Engine> open() const {
    EngineOptions options;
    options.store.path = path;
    options.environment = environment;
    return Engine::open(std::move(options));
  }

  Turn begin() {
    UserInput input;
    input.prompt = "tell me";
    id = here->start(kAnn, input, {}).workflow.id;
    return here->turns()->take(kForever).value();
  }

  std::unique_ptr<Stream> join(Engine& engine, std::optional<Position> last = {}) const {
    return engine.join(kAnn, id, last, Deltas::shown).stream;
  }

  // Reads what comes until `isEnough`; time passes meanwhile.
  template <typename Enough>
  void read(Stream& stream, Reading& reading, const Enough& isEnough) const {
    while (!reading.ended && !isEnough()) {
      const StreamEvent event = stream.next(0ms);
      if (event.kind == Kind::none || event.kind == Kind::keepalive) {
        environment->advance(10ms);
        std::this_thread::sleep_for(1ms);  // the engines look at the clock as often
        continue;
      }
      take(event, reading);
    }
  }

  static void take(const StreamEvent& event, Reading& reading) {
    if (event.kind == Kind::end) {
      reading.ended = true;
      return;
    }
    reading.position = event.position;
    if (event.kind == Kind::item) {
      reading.items.push_back(textOf(event.item));
      return;
    }
    CHECK(event.delta.offset == static_cast<std::int64_t>(reading.text.size()));
    reading.text += event.delta.text;
  }

  DatabaseFolder folder;
  const std::string path = folder.database();
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::shared_ptr<Engine> here = open();
  std::shared_ptr<Engine> there = open();
  std::string id;
};

}  // namespace

TEST_CASE("text that one engine writes reaches a reader of another, whole and once") {
  TwoEngines engines;
  Turn turn = engines.begin();
  const auto stream = engines.join(*engines.there);
  Reading reading;
  std::string said;
  for (int i = 0; i < 20; ++i) {
    said += "word" + std::to_string(i) + " ";
    CHECK(turn.delta("word" + std::to_string(i) + " "));
    engines.read(*stream, reading, [&] { return reading.text.size() == said.size(); });
    REQUIRE(reading.text == said);
  }
  CHECK(turn.append(std::array<ItemContent, 1>{textLog("aside")}));
  CHECK(turn.append(std::array<ItemContent, 1>{textMessage("")}));
  CHECK(turn.complete());
  engines.read(*stream, reading, [] { return false; });
  CHECK(reading.items == std::vector<std::string>{"tell me", "aside", said});
  CHECK(reading.text == said);
}

TEST_CASE("a reader who goes to another engine goes on where it was, however little is stored") {
  TwoEngines engines;
  Turn turn = engines.begin();
  Reading reading;
  {
    const auto stream = engines.join(*engines.here);
    CHECK(turn.delta("one two "));
    engines.read(*stream, reading, [&] { return reading.text == "one two "; });
  }
  const auto stream = engines.join(*engines.there, reading.position);
  REQUIRE(stream);
  CHECK(turn.delta("three"));
  engines.read(*stream, reading, [&] { return reading.text.size() >= 13; });
  CHECK(reading.text == "one two three");
  CHECK(turn.complete());
  engines.read(*stream, reading, [] { return false; });
  CHECK(reading.items == std::vector<std::string>{"tell me", "one two three"});
}

TEST_CASE("a reader goes on at another engine that has shown others less of the text") {
  TwoEngines engines;
  Turn turn = engines.begin();
  const auto second = engines.join(*engines.there);
  Reading less;
  CHECK(turn.delta("one "));
  engines.read(*second, less, [&] { return less.text == "one "; });
  CHECK(turn.delta("two "));
  Reading reading;
  engines.read(*engines.join(*engines.here), reading, [&] { return reading.text == "one two "; });
  const auto stream = engines.join(*engines.there, reading.position);
  REQUIRE(stream);
  CHECK(turn.delta("three"));
  engines.read(*stream, reading, [&] { return reading.text.size() >= 13; });
  engines.read(*second, less, [&] { return less.text.size() >= 13; });
  CHECK(reading.text == "one two three");
  CHECK(less.text == "one two three");
  CHECK(turn.complete());
}

TEST_CASE("a draft that another engine writes is not this one's to save or to end") {
  TwoEngines engines;
  Turn turn = engines.begin();
  const auto stream = engines.join(*engines.there);
  Reading reading;
  CHECK(turn.delta("half an "));
  engines.read(*stream, reading, [&] { return !reading.text.empty(); });
  CHECK(turn.delta("answer"));
  CHECK(engines.there->stop(kAnn, engines.id).status == WorkflowStatus::stopped);
  engines.read(*stream, reading, [] { return false; });
  const std::string kept = reading.items.back();
  CHECK(kept.starts_with("half an "));
  CHECK(std::string("half an answer").starts_with(kept));
  while (!turn.cancelled()) {
    engines.environment->advance(10ms);
    std::this_thread::sleep_for(1ms);
  }
  CHECK_FALSE(turn.append(std::array<ItemContent, 1>{textMessage("too late")}));
}
