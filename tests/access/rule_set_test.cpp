#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>

#include "chatbot/access.h"
#include "support/memory_database.h"
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
    CHECK_FALSE(decision.rule);
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
  CHECK(decide({"user", "admin"}).rule == 1);
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

TEST_CASE("roles and tables are bounded, UTF-8 and without control characters") {
  const std::string longest(255, 'x');
  const auto refusalOfRole = [](std::string role) {
    return refusalOf({reads(role, "*", Level::my)});
  };
  CHECK(refusalOf({reads(longest, longest, Level::my)}) == "accepted");
  CHECK(refusalOfRole(longest + "x") == "rules[0].role: must be at most 255 bytes");
  CHECK(refusalOfRole("\xC3") == "rules[0].role: must be UTF-8");
  CHECK(refusalOfRole("a\n") == "rules[0].role: must not have control characters");
  CHECK(refusalOfRole(std::string(1, '\0')) == "rules[0].role: must not have control characters");
  CHECK(refusalOf({reads("a", longest + "x", Level::my)}) ==
        "rules[0].table: must be at most 255 bytes");
  CHECK(refusalOf({reads("a", "\xFF", Level::my)}) == "rules[0].table: must be UTF-8");
  CHECK(refusalOf({reads("a", "b\x7F", Level::my)}) ==
        "rules[0].table: must not have control characters");
}

TEST_CASE("a set has so many rules and no more") {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < kMaxRules; ++i) {
    rules.push_back(reads("role" + std::to_string(i / 100), std::to_string(i % 100), Level::my));
  }
  const RuleSet most(rules);
  CHECK(most.decide(callerWith({"role999"}), "99", Operation::read).rule == kMaxRules - 1);
  rules.push_back(reads("one", "more", Level::my));
  CHECK(refusalOf(std::move(rules)) == "rules: must be at most 100000");
}

TEST_CASE("a caller without a mandate has no group, and one without a user has nothing") {
  const RuleSet rules = RuleSet::standard();
  const Decision decision =
      rules.decide({"anna", "", {"user", "admin"}}, kWorkflowTable, Operation::read);
  CHECK(decision.level == Level::my);
  CHECK(decision.role == "admin");
  CHECK(rules.decide({"anna", "", {"sysadmin"}}, kWorkflowTable, Operation::read).level ==
        Level::all);
  CHECK(rules.decide({"", "north", {"sysadmin"}}, kWorkflowTable, Operation::read).level ==
        Level::none);
  CHECK(rules.allows({"anna", "", {"admin"}}, kWorkflowTable, Operation::read, "", "anna"));
  CHECK_FALSE(rules.allows({"anna", "", {"admin"}}, kWorkflowTable, Operation::read, "", "bert"));
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

const Identity kAnna{"anna", "north", {}};
const Identity kNoTenant{"anna", "", {}};

TEST_CASE("none reaches no row") {
  const Scope scope(Level::none, kAnna);
  CHECK_FALSE(scope.allows("north", "anna"));
  CHECK(scope.condition().text == "FALSE");
  CHECK(scope.condition().values.empty());
}

TEST_CASE("my reaches the caller's own rows of the caller's mandate") {
  const Scope scope(Level::my, kAnna);
  CHECK(scope.allows("north", "anna"));
  CHECK_FALSE(scope.allows("north", "bert"));
  CHECK_FALSE(scope.allows("south", "anna"));
  CHECK_FALSE(scope.allows("", "anna"));
  CHECK(scope.condition().text == "(mandateId = ? AND createdBy = ?)");
  CHECK(scope.condition().values == std::vector<SqlValue>{"north", "anna"});
}

TEST_CASE("group reaches every row of the caller's mandate and no other") {
  const Scope scope(Level::group, kAnna);
  CHECK(scope.level() == Level::group);
  CHECK(scope.allows("north", "anna"));
  CHECK(scope.allows("north", "bert"));
  CHECK_FALSE(scope.allows("south", "anna"));
  CHECK_FALSE(scope.allows("", "anna"));
  CHECK(scope.condition().text == "mandateId = ?");
  CHECK(scope.condition().values == std::vector<SqlValue>{"north"});
}

TEST_CASE("all crosses mandates") {
  const Scope scope(Level::all, kAnna);
  CHECK(scope.allows("south", "bert"));
  CHECK(scope.condition().text == "TRUE");
  CHECK(scope.condition().values.empty());
}

TEST_CASE("group is my for a caller without a mandate") {
  const Scope scope(Level::group, kNoTenant);
  CHECK(scope.level() == Level::my);
  CHECK(scope.allows("", "anna"));
  CHECK_FALSE(scope.allows("", "bert"));
  CHECK_FALSE(scope.allows("north", "anna"));
}

TEST_CASE("my without a mandate reaches rows without one") {
  const Scope scope(Level::my, kNoTenant);
  CHECK(scope.allows("", "anna"));
  CHECK_FALSE(scope.allows("", "bert"));
  CHECK_FALSE(scope.allows("north", "anna"));
}

TEST_CASE("a caller without a user reaches nothing, whatever the level") {
  const Identity nobody{"", "north", {}};
  for (const Level level : {Level::none, Level::my, Level::group, Level::all}) {
    const Scope scope(level, nobody);
    CHECK_FALSE(scope.allows("north", ""));
    CHECK_FALSE(scope.allows("", ""));
    CHECK(scope.condition().text == "FALSE");
  }
}

TEST_CASE("the system's scope reaches every row") {
  const Scope scope = Scope::system();
  CHECK(scope.level() == Level::all);
  CHECK(scope.allows("north", "anna"));
  CHECK(scope.allows("", ""));
  CHECK(scope.condition().text == "TRUE");
}

TEST_CASE("names that look like SQL are only names") {
  const Identity hostile{"x' OR '1'='1", "north'; --", {}};
  const Scope scope(Level::my, hostile);
  CHECK(scope.condition().text == "(mandateId = ? AND createdBy = ?)");
  CHECK(scope.condition().values == std::vector<SqlValue>{hostile.mandateId, hostile.userId});
}

TEST_CASE("the check of a row and the database's condition agree on random rows") {
  const std::vector<std::string> names = {"",   "anna", "Anna",  "anna ", "a'b", "%", "_",
                                          "\\", "ä",    "a\"--", "NULL",  "0",   "1"};
  std::mt19937 random(20);  // the same rows in every run
  const auto pick = [&] { return names[random() % names.size()]; };

  test::MemoryDatabase database;
  database.run("CREATE TABLE workflow (id INTEGER PRIMARY KEY, mandateId TEXT, createdBy TEXT)");
  std::vector<std::pair<std::string, std::string>> rows;
  for (int i = 0; i < 300; ++i) {
    rows.emplace_back(pick(), pick());
    database.run("INSERT INTO workflow VALUES (?, ?, ?)",
                 {std::int64_t{i}, rows.back().first, rows.back().second});
  }

  std::size_t reached = 0;
  for (int i = 0; i < 2000; ++i) {
    const Scope scope(static_cast<Level>(random() % 4), Identity{pick(), pick(), {}});
    std::vector<std::string> expected;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (scope.allows(rows[row].first, rows[row].second)) expected.push_back(std::to_string(row));
    }
    const SqlCondition condition = scope.condition();
    REQUIRE(database.run("SELECT id FROM workflow WHERE " + condition.text + " ORDER BY id",
                         condition.values) == expected);
    reached += expected.size();
  }
  CHECK(reached > 0);
}

}  // namespace
TEST_CASE("a copy of a rule set is the same set") {
  const RuleSet original = RuleSet::standard();
  RuleSet copy = original;
  CHECK(copy.toJson() == original.toJson());
  CHECK(&copy.rules() == &original.rules());
  copy = RuleSet({});
  CHECK(copy.rules().empty());
  CHECK_FALSE(original.rules().empty());
}

}  // namespace chatbot
