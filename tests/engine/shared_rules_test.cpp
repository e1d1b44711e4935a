#include "engine/shared_rules.h"

#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <type_traits>

#include "chatbot/engine.h"
#include "chatbot/error.h"
#include "support/connect.h"
#include "support/fixtures.h"
#include "support/flaky_store.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::engine;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kNothing = R"([{"role":"user","table":"*","read":"n"}])";
constexpr const char* kEverything =
    R"([{"role":"user","table":"*","read":"a","create":"a","update":"a","delete":"a"}])";

struct RulesFixture : StoreFixture {
  SharedRules open(std::optional<RuleSet> given = {}) {
    return SharedRules(store, std::move(given), [this](LogLevel, std::string_view message, auto) {
      said.emplace_back(message);
    });
  }

  std::vector<std::string> said;
};

std::string jsonOf(const SharedRules& rules) { return rules.get().toJson(); }

// Two engines on one database.
struct EnginesFixture {
  std::shared_ptr<Engine> open(std::optional<RuleSet> rules = {}) {
    EngineOptions options;
    options.store.path = folder.database();
    options.environment = environment;
    options.rules = std::move(rules);
    options.log = [this](LogLevel, std::string_view message, std::span<const LogField> fields) {
      const std::lock_guard lock(mutex);
      if (message != "access was refused") return;
      for (const LogField& field : fields)
        said += std::string(field.name) + "=" + field.value + " ";
    };
    return Engine::open(std::move(options));
  }

  DatabaseFolder folder;
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  std::mutex mutex;
  std::string said;
};

}  // namespace

TEST_CASE("a database without rules has the standard ones") {
  RulesFixture fixture;
  CHECK(jsonOf(fixture.open()) == RuleSet::standard().toJson());
  CHECK_FALSE(fixture.store->rulesOtherThan(0));
}

TEST_CASE("rules that were saved are in force when the database is opened again") {
  RulesFixture fixture;
  fixture.open().replace(RuleSet::fromJson(kNothing));
  fixture.reopen();
  CHECK(jsonOf(fixture.open()) == kNothing);
}

TEST_CASE("given rules take the place of the database's, and are saved once") {
  RulesFixture fixture;
  fixture.open().replace(RuleSet::fromJson(kNothing));
  CHECK(jsonOf(fixture.open(RuleSet::fromJson(kEverything))) == kEverything);
  const std::int64_t version = fixture.store->rulesOtherThan(0)->version;
  CHECK(jsonOf(fixture.open()) == kEverything);
  CHECK(jsonOf(fixture.open(RuleSet::fromJson(kEverything))) == kEverything);
  CHECK(fixture.store->rulesOtherThan(0)->version == version);
}

TEST_CASE("rules that another engine has saved are met by the next look") {
  RulesFixture fixture;
  SharedRules here = fixture.open();
  SharedRules there = fixture.open();
  there.replace(RuleSet::fromJson(kNothing));
  CHECK(jsonOf(here) == RuleSet::standard().toJson());
  CHECK(here.refresh());
  CHECK(jsonOf(here) == kNothing);
  CHECK_FALSE(here.refresh());
  CHECK_FALSE(there.refresh());
}

TEST_CASE("rules of an older copy that takes the database's place are met, and replaced") {
  RulesFixture fixture;
  SharedRules rules = fixture.open();
  const auto restoreTo = [&](const char* row) {
    connect(fixture.options.path)
        ->runScript((std::string("UPDATE access_rules SET ") + row).c_str());
  };
  rules.replace(RuleSet::fromJson(kNothing));
  rules.replace(RuleSet::fromJson(kNothing));
  SUBCASE("with rules") {
    restoreTo("version = 1, json = '[]'");
    CHECK(rules.refresh());
    CHECK(jsonOf(rules) == "[]");
  }
  SUBCASE("without rules") {
    restoreTo("version = 0, json = ''");
    CHECK(rules.refresh());
    CHECK(jsonOf(rules) == RuleSet::standard().toJson());
    CHECK_FALSE(rules.refresh());
  }
  SUBCASE("before anybody looks") { restoreTo("version = 0, json = ''"); }
  rules.replace(RuleSet::fromJson(kEverything));
  CHECK(jsonOf(rules) == kEverything);
  CHECK_FALSE(rules.refresh());
  CHECK(jsonOf(rules) == kEverything);
}

TEST_CASE("rules that cannot be read keep a store from opening, and the message says whose") {
  RulesFixture fixture;
  fixture.store->saveRules("[{]");
  const std::string refusal = refusalOf([&] { fixture.open(); });
  CAPTURE(refusal);
  CHECK(refusal.starts_with(
      "the database's access rules (the option accessRules replaces them): rules: not valid JSON"));
  CHECK(jsonOf(fixture.open(RuleSet::fromJson(kNothing))) == kNothing);
  CHECK(jsonOf(fixture.open()) == kNothing);
}

TEST_CASE("rules that cannot be stored do not come into force") {
  RulesFixture fixture;
  const auto flaky = std::make_shared<FlakyStore>(fixture.store);
  SharedRules rules(flaky, {}, {});
  flaky->failing = true;
  CHECK_THROWS_AS(rules.replace(RuleSet::fromJson(kNothing)), Error);
  CHECK_FALSE(rules.refresh());
  CHECK(jsonOf(rules) == RuleSet::standard().toJson());
}

TEST_CASE("rules that cannot be read are reported once, and those in force stay") {
  RulesFixture fixture;
  SharedRules rules = fixture.open();
  fixture.store->saveRules("[{]");
  CHECK_FALSE(rules.refresh());
  CHECK_FALSE(rules.refresh());
  CHECK(fixture.said.size() == 1);
  CHECK(jsonOf(rules) == RuleSet::standard().toJson());
  CHECK_THROWS_AS(fixture.open(), Error);
  fixture.store->saveRules(kNothing);
  CHECK(rules.refresh());
}

TEST_CASE("rules reach the other engine on the database, and its open streams, by themselves") {
  EnginesFixture fixture;
  const auto here = fixture.open();
  const auto there = fixture.open();
  UserInput input;
  input.prompt = "hello";
  const StartedRound started = here->start(user("ann"), input);
  there->setRules(RuleSet::fromJson(kNothing));
  // The interval begins when the last work of maintenance has ended, which nobody sees.
  while (started.stream->next(Timeout::zero()).kind != StreamEvent::Kind::end) {
    fixture.environment->advance(1ms);
    std::this_thread::yield();
  }
  CHECK(started.stream->end() == StreamEnd::denied);
  CHECK(here->list(user("ann"), PageQuery::everything(workflowSchema())).items.empty());
}

TEST_CASE("the log says which rule refused what") {
  EnginesFixture fixture;
  const auto engine = fixture.open(RuleSet::fromJson(
      R"([{"role": "reader", "table": "*", "read": "g", "create": "m"},
          {"role": "user", "table": "*", "read": "m", "create": "m", "update": "m"}])"));
  UserInput input;
  input.prompt = "hello";
  const std::string id = engine->start(user("ann"), input).workflow.id;
  CHECK_THROWS_AS(engine->stop(user("eve", "m1", {"reader"}), id), Error);
  CHECK(fixture.said == "operation=update level=n role= table= rule=none ");
  fixture.said.clear();
  CHECK_THROWS_AS(engine->rename(user("eve", "m1", {"reader", "user"}), id, "x"), Error);
  CHECK(fixture.said == "operation=update level=m role=user table=* rule=1 ");
}

TEST_CASE("the options of an engine are a value, their rules too") {
  static_assert(std::is_copy_constructible_v<EngineOptions>);
  static_assert(std::is_copy_assignable_v<EngineOptions>);
  EngineOptions options;
  options.rules = RuleSet::fromJson(kNothing);
  const EngineOptions copy = options;
  CHECK(&copy.rules->rules() == &options.rules->rules());
}
