#include <doctest/doctest.h>

#include <array>

#include "chatbot/error.h"
#include "run/rounds_fixture.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

constexpr const char* kName = "a thread";  // as fixtures.h gives it

// The ways in which a turn's round can end. `told`: whether its turn knows it already.
struct Ending {
  const char* name;
  void (*end)(RoundsFixture&, Turn&);
  bool byTurn = false;
  bool told = true;
};

std::string idOf(const Turn& turn) { return turn.input().workflowId; }

void stopUntold(RoundsFixture& fixture, Turn& turn) {
  fixture.store->stop(Scope::system(), {idOf(turn), 1});
}

void stop(RoundsFixture& fixture, Turn& turn) {
  stopUntold(fixture, turn);
  fixture.cancel(idOf(turn));
}

void removeUntold(RoundsFixture& fixture, Turn& turn) {
  fixture.store->remove(Scope::system(), idOf(turn));
}

void remove(RoundsFixture& fixture, Turn& turn) {
  removeUntold(fixture, turn);
  fixture.cancel(idOf(turn));
}

void beginNext(RoundsFixture& fixture, Turn& turn) {
  stopUntold(fixture, turn);
  beginRound(*fixture.store, Scope::system(), idOf(turn), textMessage("again", "user", "first"));
}

const std::array kEndings = {
    Ending{"completed", [](RoundsFixture&, Turn& turn) { CHECK(turn.complete()); }, true},
    Ending{"failed", [](RoundsFixture&, Turn& turn) { CHECK(turn.fail("no")); }, true},
    Ending{"stopped", stop},
    Ending{"stopped, not told", stopUntold, false, false},
    Ending{"deleted", remove},
    Ending{"deleted, not told", removeUntold, false, false},
    Ending{"followed by another", beginNext, false, false},
    Ending{"shut down", [](RoundsFixture& fixture, Turn&) { fixture.rounds->close(); }},
};

// What there is of the turn's workflow, as one text.
std::string contentOf(RoundsFixture& fixture, const std::string& id) {
  const std::optional<Tail> tail = fixture.store->tail(Scope::system(), id, 0, 1000, 1'000'000);
  if (!tail) return "gone";
  std::string content = toJson(tail->workflow);
  for (const Item& item : tail->items) content += item.json;
  return content;
}

bool misuses(Turn& turn) {
  try {
    turn.complete();
    return false;
  } catch (const Error& error) {
    return error.code() == ErrorCode::misuse;
  }
}

}  // namespace

TEST_CASE("once its round is over, however that came, a turn changes nothing and says so") {
  for (const Ending& ending : kEndings) {
    CAPTURE(ending.name);
    RoundsFixture fixture;
    Turn turn = fixture.begin();
    ending.end(fixture, turn);
    const std::string before = contentOf(fixture, idOf(turn));
    CHECK_FALSE(turn.append(textLog("late")));
    CHECK_FALSE(turn.append(std::array<ItemContent, 2>{textMessage("late"), Stat{}}));
    if (ending.byTurn || ending.told) CHECK_FALSE(turn.delta("late"));
    CHECK_FALSE(turn.rename("late"));
    CHECK_THROWS_AS(turn.rename(" "), Error);
    if (!ending.byTurn) CHECK_FALSE(turn.fail("late"));
    CHECK(misuses(turn));
    CHECK_FALSE(turn.append(textLog("later")));
    CHECK_FALSE(turn.delta("later"));
    CHECK_FALSE(turn.rename("later"));
    CHECK(contentOf(fixture, idOf(turn)) == before);
  }
}

TEST_CASE("what a turn can be asked for is there after its round's end, too") {
  for (const Ending& ending : kEndings) {
    CAPTURE(ending.name);
    RoundsFixture fixture;
    Turn turn = fixture.begin("the prompt");
    ending.end(fixture, turn);
    CHECK(turn.input().prompt == "the prompt");
    CHECK(turn.history().empty());
    CHECK(turn.cancelled() == (!ending.byTurn && ending.told));
    CHECK(turn.cancelPollable() >= 0);
    turn.onCancel([] {});
    turn.onCancel(nullptr);
  }
}

TEST_CASE("a running turn renames its workflow, any number of times") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  CHECK(fixture.tail(turn).workflow.name == kName);
  CHECK(turn.rename("Tea"));
  CHECK(turn.rename("Tea and \xF0\x9F\x8D\xB0"));
  CHECK(fixture.tail(turn).workflow.name == "Tea and \xF0\x9F\x8D\xB0");
  CHECK(turn.complete());
  CHECK_FALSE(turn.rename("Coffee"));
  CHECK(fixture.tail(turn).workflow.name == "Tea and \xF0\x9F\x8D\xB0");
}

TEST_CASE("what is no name is refused, and the turn goes on") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  for (const std::string& bad : {std::string(), std::string(" "), std::string("a\nb"),
                                 std::string("\xFF"), std::string(kMaxNameLength + 1, 'x')}) {
    CAPTURE(bad);
    CHECK(refusalOf([&] { turn.rename(bad); }).starts_with("The name "));
  }
  CHECK(fixture.tail(turn).workflow.name == kName);
  CHECK(turn.rename(std::string(kMaxNameLength, 'x')));
}

TEST_CASE("a finish that the store could not take may be tried again") {
  RoundsFixture fixture;
  Turn turn = fixture.begin();
  fixture.flaky->failing = true;
  CHECK_THROWS_AS(turn.complete(), Error);
  CHECK_THROWS_AS(turn.rename("x"), Error);
  fixture.flaky->failing = false;
  CHECK(turn.rename("x"));
  CHECK(turn.complete());
  CHECK(misuses(turn));
}
