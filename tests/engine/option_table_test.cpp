#include <doctest/doctest.h>

#include <type_traits>

#include "chatbot/engine.h"
#include "support/refusal.h"
#include "support/temporary_folder.h"

using namespace chatbot;
using namespace chatbot::test;

// A host makes its options once and opens several engines with them.
static_assert(std::is_copy_constructible_v<EngineOptions>);
static_assert(std::is_copy_assignable_v<EngineOptions>);

namespace {

EngineOptions good(const TemporaryFolder& folder) {
  EngineOptions options;
  options.store.path = folder.file("chat.sqlite");
  return options;
}

template <typename Change>
std::string refusal(Change change) {
  const TemporaryFolder folder;
  EngineOptions options = good(folder);
  change(options);
  return refusalOf([&] { Engine::open(options); });
}

}  // namespace

TEST_CASE("an engine refuses members that are out of their bounds") {
  CHECK(refusal([](EngineOptions&) {}) == "accepted");
  CHECK(refusal([](EngineOptions& options) { options.maxRounds = 0; }) ==
        "maxRounds takes an integer from 1 to 1000000000");
  CHECK(refusal([](EngineOptions& options) { options.draftInterval = {}; }) ==
        "draftIntervalMs takes an integer from 1 to 86400000");
  CHECK(refusal([](EngineOptions& options) { options.streams.keepalive = {}; }) ==
        "keepaliveMs takes an integer from 1 to 86400000");
  CHECK(refusal([](EngineOptions& options) { options.store.readers = 65; }) ==
        "readers takes an integer from 1 to 64");
  CHECK(refusal([](EngineOptions& options) { options.store.path.clear(); }) ==
        "store takes the path of an SQLite file, or the URL of a PostgreSQL database");
}

TEST_CASE("one set of options opens several engines with the same rules") {
  const TemporaryFolder folder;
  EngineOptions options = good(folder);
  REQUIRE(setOption(options, "accessRules", R"([{"role": "user", "table": "*", "read": "m"}])"));
  const auto first = Engine::open(options);
  first->shutdown();
  const auto second = Engine::open(options);
  CHECK(second->rules().toJson() == options.rules->toJson());
}

TEST_CASE("empty access rules leave those of the database in force") {
  EngineOptions options;
  options.rules = RuleSet::standard();
  REQUIRE(setOption(options, "accessRules", ""));
  CHECK(!options.rules);
}
