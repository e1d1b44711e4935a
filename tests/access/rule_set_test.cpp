#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>

#include "chatbot/access.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

constexpr std::initializer_list<Operation> kOperations = {Operation::read, Operation::create,
                                                          Operation::update, Operation::remove};

Identity callerWith(std::vector<std::string> roles) { return {"anna", "north", std::move(roles)}; }

Level levelOf(const RuleSet& rules, std::vector<std::string> roles, Operation operation,
              std::string_view table = kWorkflowTable) {
  return rules.decide(callerWith(std::move(roles)), table, operation).level;
}

Rule reads(std::string role, std::string table, Level level) {
  return {std::move(role), std::move(table), level, {}, {}, {}};
}

std::string refusalOf(std::vector<Rule> rules) {
  return test::refusalOf([&] { RuleSet set(std::move(rules)); });
}

TEST_CASE("a new engine has the roles user, admin, sysadmin and viewer") {
  const RuleSet rules = RuleSet::standard();
  for (const Operation operation : kOperations) {
    CHECK(levelOf(rules, {"user"}, operation) == Level::my);
    CHECK(levelOf(rules, {"admin"}, operation) == Level::group);
    CHECK(levelOf(rules, {"sysadmin"}, operation) == Level::all);
  }
  CHECK(levelOf(rules, {"viewer"}, Operation::read) == Level::group);
  CHECK(levelOf(rules, {"viewer"}, Operation::create) == Level::none);
  CHECK(levelOf(rules, {"viewer"}, Operation::update) == Level::none);
  CHECK(levelOf(rules, {"viewer"}, Operation::remove) == Level::none);
}

TEST_CASE("without a rule nothing is allowed, and no rule is named") {
  const RuleSet rules({reads("user", "Other", Level::all)});
  for (const auto& roles : {std::vector<std::string>{}, {"stranger"}, {"user"}, {""}, {"USER"}}) {
    const Decision decision = rules.decide(callerWith(roles), kWorkflowTable, Operation::read);
    CHECK(decision.level == Level::none);
    CHECK(decision.role.empty());
    CHECK(decision.table.empty());
  }
  CHECK(levelOf(RuleSet({}), {"user"}, Operation::read) == Level::none);
}

TEST_CASE("a caller's level is the widest over its roles, in whatever order they come") {
  const RuleSet rules = RuleSet::standard();
  std::vector<std::string> roles = {"admin", "unknown", "user", "viewer"};
  std::ranges::sort(roles);
  do {
    CHECK(levelOf(rules, roles, Operation::read) == Level::group);
    CHECK(levelOf(rules, roles, Operation::remove) == Level::group);
  } while (std::ranges::next_permutation(roles).found);
  CHECK(levelOf(rules, {"viewer", "user"}, Operation::create) == Level::my);
}

TEST_CASE("a rule that names the table overrides the role's rule for all tables, level by level") {
  Rule all{"user", "*", Level::all, Level::group, {}, Level::my};
  Rule named{"user", "ChatWorkflow", Level::none, {}, Level::my, {}};
  const RuleSet rules({named, all});
  CHECK(levelOf(rules, {"user"}, Operation::read) == Level::none);
  CHECK(levelOf(rules, {"user"}, Operation::create) == Level::group);
  CHECK(levelOf(rules, {"user"}, Operation::update) == Level::my);
  CHECK(levelOf(rules, {"user"}, Operation::remove) == Level::my);
  CHECK(levelOf(rules, {"user"}, Operation::read, "ChatMessage") == Level::all);
  CHECK(levelOf(rules, {"user"}, Operation::update, "ChatMessage") == Level::none);
}

TEST_CASE("the order in which rules are given does not matter") {
  Rule all{"user", "*", Level::all, Level::group, {}, Level::my};
  Rule named{"user", "ChatWorkflow", Level::none, {}, Level::my, {}};
  const RuleSet one({named, all});
  const RuleSet other({all, named});
  for (const Operation operation : kOperations) {
    CHECK(levelOf(one, {"user"}, operation) == levelOf(other, {"user"}, operation));
  }
}

TEST_CASE("one role's narrow rule does not narrow another role") {
  const RuleSet rules({reads("clerk", "ChatWorkflow", Level::none), reads("clerk", "*", Level::all),
                       reads("guest", "*", Level::my)});
  CHECK(levelOf(rules, {"clerk"}, Operation::read) == Level::none);
  CHECK(levelOf(rules, {"clerk", "guest"}, Operation::read) == Level::my);
}

TEST_CASE("a decision names the rule that made it") {
  const RuleSet rules({reads("user", "*", Level::my), reads("admin", "ChatWorkflow", Level::group),
                       reads("banned", "*", Level::none)});
  const auto decide = [&](std::vector<std::string> roles) {
    return rules.decide(callerWith(std::move(roles)), kWorkflowTable, Operation::read);
  };
  CHECK(decide({"user"}).role == "user");
  CHECK(decide({"user"}).table == "*");
  CHECK(decide({"user", "admin"}).role == "admin");
  CHECK(decide({"user", "admin"}).table == "ChatWorkflow");
  CHECK(decide({"banned"}).level == Level::none);
  CHECK(decide({"banned"}).role == "banned");
  CHECK(decide({"unknown", "banned"}).role == "banned");
  CHECK(decide({"banned", "user"}).role == "user");
}

TEST_CASE("the texts of a decision outlive the rules that were given and a move of the set") {
  std::vector<Rule> given = {reads("user", "ChatWorkflow", Level::my)};
  RuleSet first(given);
  const Decision decision = first.decide(callerWith({"user"}), kWorkflowTable, Operation::read);
  given.clear();
  const RuleSet second = std::move(first);
  CHECK(decision.role == "user");
  CHECK(decision.table == "ChatWorkflow");
  CHECK(second.decide(callerWith({"user"}), kWorkflowTable, Operation::read).role == "user");
}

TEST_CASE("a scope is the decided level for the caller") {
  const RuleSet rules = RuleSet::standard();
  const Scope scope = rules.scope(callerWith({"user"}), kWorkflowTable, Operation::read);
  CHECK(scope.level() == Level::my);
  CHECK(scope.allows("north", "anna"));
  CHECK_FALSE(scope.allows("north", "bert"));
  const Scope none = rules.scope(callerWith({}), kWorkflowTable, Operation::read);
  CHECK_FALSE(none.allows("north", "anna"));
}

TEST_CASE("rules that cannot be meant are refused, and the place is named") {
  CHECK(refusalOf({reads("", "*", Level::my)}) == "rules[0].role: must not be empty");
  CHECK(refusalOf({reads("a", "*", Level::my), reads("a", "", Level::my)}) ==
        "rules[1].table: must not be empty");
  CHECK(refusalOf({reads("a", "*", Level::my), reads("a", "T", Level::my),
                   reads("a", "T", Level::all)}) ==
        "rules[2]: has the role and the table of rules[1]");
  CHECK(refusalOf({reads("a", "*", Level::my), reads("a", "*", Level::all)}) ==
        "rules[1]: has the role and the table of rules[0]");
  CHECK(refusalOf({reads("a", "T", Level::my), reads("b", "T", Level::my)}) == "accepted");
}

// The rules applied one after the other, as the contract's words say it.
Level levelByTheWords(const std::vector<Rule>& rules, const Identity& caller,
                      std::string_view table, std::optional<Level> Rule::*operation) {
  Level widest = Level::none;
  for (const std::string& role : caller.roles) {
    std::optional<Level> level;
    for (const std::string_view name : {std::string_view("*"), table}) {
      for (const Rule& rule : rules) {
        const bool applies = rule.role == role && rule.table == name;
        if (applies && rule.*operation) level = rule.*operation;
      }
    }
    widest = std::max(widest, level.value_or(Level::none));
  }
  return widest;
}

TEST_CASE("compiled rules decide as the rules themselves do") {
  const std::vector<std::string> roles = {"a", "b", "c", "d"};
  const std::vector<std::string> tables = {"*", "T", "U", "V"};
  const std::vector<std::optional<Level> Rule::*> operations = {&Rule::read, &Rule::create,
                                                                &Rule::update, &Rule::remove};
  std::mt19937 random(5);  // NOLINT: the same rules in every run
  const auto maybeLevel = [&]() -> std::optional<Level> {
    const auto number = random() % 5;
    if (number == 4) return std::nullopt;
    return static_cast<Level>(number);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Rule> rules;
    for (const std::string& role : roles) {
      for (const std::string& table : tables) {
        if (random() % 2 == 0) continue;
        rules.push_back({role, table, maybeLevel(), maybeLevel(), maybeLevel(), maybeLevel()});
      }
    }
    std::ranges::shuffle(rules, random);
    const RuleSet compiled(rules);
    std::vector<std::string> own;
    std::ranges::copy_if(roles, std::back_inserter(own), [&](auto&) { return random() % 2 == 0; });
    const Identity caller = callerWith(own);
    for (const std::string_view table : {"T", "U", "V", "W"}) {
      for (const Operation operation : kOperations) {
        const auto index = static_cast<std::size_t>(operation);
        REQUIRE(compiled.decide(caller, table, operation).level ==
                levelByTheWords(rules, caller, table, operations[index]));
      }
    }
  }
}

TEST_CASE("a rule set may be used from many threads") {
  const RuleSet rules = RuleSet::standard();
  std::vector<int> allowed(4);
  std::vector<std::thread> threads;
  for (int& count : allowed) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) {
        count += levelOf(rules, {"viewer", "user"}, Operation::update) == Level::my ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : allowed) CHECK(count == 10000);
}

}  // namespace
}  // namespace chatbot
