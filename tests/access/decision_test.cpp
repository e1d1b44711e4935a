// What a rule set answers, against the contract's words on access taken one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "chatbot/access.h"

namespace chatbot {
namespace {

using LevelOf = std::optional<Level> Rule::*;

struct Question {
  Identity caller;
  std::string table;
  Operation operation;
};

struct Row {
  std::string mandateId;
  std::string createdBy;
};

LevelOf memberFor(Operation operation) {
  if (operation == Operation::read) return &Rule::read;
  if (operation == Operation::create) return &Rule::create;
  if (operation == Operation::update) return &Rule::update;
  return &Rule::remove;
}

// The place of a role's rule for `table` that has a level for the operation.
std::optional<std::size_t> findRule(const std::vector<Rule>& rules, const std::string& role,
                                    const std::string& table, Operation operation) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool isOf = rules[i].role == role && rules[i].table == table;
    if (isOf && rules[i].*memberFor(operation)) return i;
  }
  return std::nullopt;
}

// "A rule that names the table overrides the role's `*` rule, level by level."
std::optional<std::size_t> ruleOf(const std::vector<Rule>& rules, const std::string& role,
                                  const Question& question) {
  const auto named = findRule(rules, role, question.table, question.operation);
  return named ? named : findRule(rules, role, "*", question.operation);
}

// "A caller's level is the widest over its roles. No rule: none."
Level widest(const std::vector<Rule>& rules, const Question& question) {
  Level level = Level::none;
  for (const std::string& role : question.caller.roles) {
    const auto rule = ruleOf(rules, role, question);
    if (rule) level = std::max(level, *(rules[*rule].*memberFor(question.operation)));
  }
  return level;
}

// "`g` with an empty mandate is `m`. `m` and `g` never cross a mandate; only `a` crosses."
bool isAllowed(Level level, const Identity& caller, const Row& row) {
  if (level == Level::all) return true;
  if (level == Level::none || row.mandateId != caller.mandateId) return false;
  const bool isGroup = level == Level::group && !caller.mandateId.empty();
  return isGroup || row.createdBy == caller.userId;
}

class Inputs {
 public:
  explicit Inputs(unsigned seed) : random_(seed) {}

  std::vector<Rule> rules() {
    std::vector<Rule> rules;
    for (const char* role : {"a", "b", "c", "d"}) {
      for (const char* table : {"*", "T", "U", "V"}) {
        if (below(2) == 0) continue;
        rules.push_back({role, table, level(), level(), level(), level()});
      }
    }
    std::ranges::shuffle(rules, random_);
    return rules;
  }

  // Of roles that may repeat and that no rule may know.
  Question question() {
    Question question{{pick({"ann", "bob"}), pick({"", "m1", "m2"}), {}},
                      pick({"T", "U", "V", "W", "*"}),
                      static_cast<Operation>(below(4))};
    for (std::size_t i = below(5); i > 0; --i) {
      question.caller.roles.push_back(pick({"a", "b", "c", "d", "e", ""}));
    }
    return question;
  }

  Row row() { return {pick({"", "m1", "m2"}), pick({"", "ann", "bob"})}; }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string pick(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

  std::optional<Level> level() {
    const std::size_t number = below(5);
    if (number == 4) return std::nullopt;
    return static_cast<Level>(number);
  }

  std::mt19937 random_;
};

// That the rule which `decision` names is one that gives the level; or that there is none.
void checkNamedRule(const std::vector<Rule>& rules, const Question& question,
                    const Decision& decision) {
  const auto applies = [&](const std::string& role) {
    return ruleOf(rules, role, question).has_value();
  };
  REQUIRE(decision.rule.has_value() == std::ranges::any_of(question.caller.roles, applies));
  if (!decision.rule) {
    REQUIRE(decision.role.empty());
    REQUIRE(decision.table.empty());
    return;
  }
  const Rule& rule = rules[*decision.rule];
  REQUIRE(rule.role == decision.role);
  REQUIRE(rule.table == decision.table);
  REQUIRE(std::ranges::count(question.caller.roles, rule.role) > 0);
  REQUIRE(ruleOf(rules, rule.role, question) == decision.rule);
  REQUIRE(rule.*memberFor(question.operation) == widest(rules, question));
}

TEST_CASE("check, scope and explanation agree with the contract's words") {
  std::size_t allowed = 0;
  std::size_t named = 0;
  for (unsigned seed = 0; seed < 1'000; ++seed) {
    Inputs inputs(seed);
    const std::vector<Rule> rules = inputs.rules();
    const RuleSet set(rules);
    for (int i = 0; i < 50; ++i) {
      const Question question = inputs.question();
      const auto& [caller, table, operation] = question;
      const Row row = inputs.row();
      const bool expected = isAllowed(widest(rules, question), caller, row);
      REQUIRE(set.allows(caller, table, operation, row.mandateId, row.createdBy) == expected);
      REQUIRE(set.scope(caller, table, operation).allows(row.mandateId, row.createdBy) == expected);

      const Decision decision = set.decide(caller, table, operation);
      REQUIRE(isAllowed(decision.level, caller, row) == expected);
      REQUIRE(set.scope(caller, table, operation).level() == decision.level);
      checkNamedRule(rules, question, decision);
      allowed += expected ? 1U : 0U;
      named += decision.table == table ? 1U : 0U;
    }
  }
  CHECK(allowed > 5'000);
  CHECK(named > 5'000);
}

}  // namespace
}  // namespace chatbot
