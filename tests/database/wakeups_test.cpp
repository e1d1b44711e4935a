// Wake-ups between hosts, and what becomes of readers where they are lost.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <thread>

#include "chatbot/engine.h"
#include "database/relay.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

const Identity kAnn = user("ann");

std::shared_ptr<Engine> openEngine(const std::string& path,
                                   const std::shared_ptr<Environment>& environment) {
  EngineOptions options;
  options.store.path = path;
  options.environment = environment;
  return Engine::open(std::move(options));
}

// Two engines, the second of which is sent no notification that is not let through.
struct WakeupsFixture {
  WakeupsFixture() {
    UserInput input;
    input.prompt = "hello";
    const std::string id = here->start(kAnn, input, {}).workflow.id;
    turn = here->turns()->take(kForever);
    stream = there->join(kAnn, id, {}).stream;
    while (lost == 0) append();  // until the second one listens
    while (read < appended) environment->advance(hasNews() ? 0ms : 10ms);
  }

  void append() {
    CHECK(turn->append(std::array<ItemContent, 1>{textLog("news")}));
    ++appended;
    std::this_thread::sleep_for(1ms);
  }

  bool hasNews() {
    const bool isItem = stream->next(0ms).kind == StreamEvent::Kind::item;
    if (isItem) ++read;
    return isItem;
  }

  DatabaseFolder folder;
  std::atomic<bool> isLossy = true;
  std::atomic<int> lost = 0;
  Relay relay{folder.database(), [this](char type, std::string_view) {
                constexpr char kNotification = 'A';
                if (type != kNotification || !isLossy) return Fate::passed;
                ++lost;
                return Fate::dropped;
              }};
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::shared_ptr<Engine> here = openEngine(folder.database(), environment);
  std::shared_ptr<Engine> there = openEngine(relay.url(), environment);
  std::optional<Turn> turn;
  std::unique_ptr<Stream> stream;
  int appended = 1;  // with the prompt
  int read = 0;
};

}  // namespace

TEST_CASE("a wake-up brings news while no time passes") {
  WakeupsFixture fixture;
  fixture.isLossy = false;
  fixture.append();
  while (!fixture.hasNews()) std::this_thread::sleep_for(1ms);
  CHECK(fixture.turn->complete());
}

TEST_CASE("where wake-ups are lost, news comes within a second") {
  WakeupsFixture fixture;
  for (int i = 0; i < 3; ++i) {
    const int before = fixture.lost;
    fixture.append();
    while (fixture.lost == before) std::this_thread::sleep_for(1ms);
    CHECK_FALSE(fixture.hasNews());
    auto passed = 0ms;
    while (!fixture.hasNews()) {
      REQUIRE(passed < 1s);
      fixture.environment->advance(10ms);
      passed += 10ms;
      std::this_thread::sleep_for(20ms);  // the engine looks at the clock as it goes on
    }
  }
  CHECK(fixture.turn->complete());
}
