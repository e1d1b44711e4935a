#include "run/round_registry.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::run;

namespace {

std::shared_ptr<Round> roundOf(std::string workflowId, std::int64_t number) {
  return std::make_shared<Round>(Scope::system(), RoundKey{std::move(workflowId), number},
                                 RoundSlot());
}

}  // namespace

TEST_CASE("a cancel reaches the round and those before it, and no later one") {
  RoundRegistry registry;
  const RoundRegistry::StartUnderWay start(registry);
  const auto round = roundOf("w", 2);
  CHECK_FALSE(registry.add(round, start));
  registry.cancel({"w", 1});
  CHECK_FALSE(round->isCancelled());
  CHECK(registry.isAnswered({"w", 2}));
  CHECK_FALSE(registry.isAnswered({"w", 1}));
  registry.cancel({"w", 3});
  CHECK(round->isCancelled());
  CHECK(registry.isEmpty());
}

TEST_CASE("of two rounds of a workflow the newer stays, in whatever order they come") {
  RoundRegistry registry;
  const RoundRegistry::StartUnderWay start(registry);
  const auto older = roundOf("w", 1);
  const auto newer = roundOf("w", 2);
  SUBCASE("in order") {
    registry.add(older, start);
    registry.add(newer, start);
  }
  SUBCASE("the other way round") {
    registry.add(newer, start);
    registry.add(older, start);
  }
  CHECK(older->isCancelled());
  CHECK_FALSE(newer->isCancelled());
  registry.remove(*older);
  CHECK(registry.find("w") == newer);
}

TEST_CASE("a cancel that finds no round is known to the starts that are under way") {
  RoundRegistry registry;
  const RoundRegistry::StartUnderWay start(registry);
  SUBCASE("a stop") { registry.cancel({"w", 1}); }
  SUBCASE("news of a peer") { CHECK(registry.findEnded("w") == nullptr); }
  const RoundRegistry::StartUnderWay later(registry);
  CHECK(registry.add(roundOf("w", 1), start));
  CHECK_FALSE(registry.add(roundOf("v", 1), start));
  CHECK_FALSE(registry.add(roundOf("w", 2), later));
}

TEST_CASE("a cancel of the next round, whose start is under way, is known to it") {
  RoundRegistry registry;
  const RoundRegistry::StartUnderWay first(registry);
  const auto round = roundOf("w", 1);
  registry.add(round, first);
  const RoundRegistry::StartUnderWay second(registry);
  registry.cancel({"w", 2});
  CHECK(round->isCancelled());
  CHECK(registry.add(roundOf("w", 2), second));
}

TEST_CASE("all rounds are taken at once") {
  RoundRegistry registry;
  const RoundRegistry::StartUnderWay start(registry);
  registry.add(roundOf("v", 1), start);
  registry.add(roundOf("w", 1), start);
  CHECK(registry.workflows().size() == 2);
  CHECK(registry.takeAll().size() == 2);
  CHECK(registry.isEmpty());
}
