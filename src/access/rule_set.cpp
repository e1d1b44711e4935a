#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "chatbot/access.h"
#include "model/refuse.h"

namespace chatbot {
namespace {

constexpr std::string_view kAnyTable = "*";

// For each Operation, in its order.
constexpr std::array<std::optional<Level> Rule::*, 4> kLevels = {&Rule::read, &Rule::create,
                                                                 &Rule::update, &Rule::remove};

struct Grant {
  Level level = Level::none;
  std::string_view table;  // the table that the rule names; empty where no rule applies
};

using Grants = std::array<Grant, kLevels.size()>;

struct RoleGrants {
  Grants otherTables;
  std::unordered_map<std::string_view, Grants> tables;
};

// What `rule` says, and `fallback` where it says nothing.
Grants grantsOf(const Rule& rule, const Grants& fallback) {
  Grants grants = fallback;
  for (std::size_t i = 0; i < grants.size(); ++i) {
    if (const std::optional<Level> level = rule.*kLevels[i]) grants[i] = {*level, rule.table};
  }
  return grants;
}

void check(const std::vector<Rule>& rules) {
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> seen;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].role.empty()) refuse("rules[{}].role: must not be empty", i);
    if (rules[i].table.empty()) refuse("rules[{}].table: must not be empty", i);
    const auto [place, isNew] = seen.try_emplace({rules[i].role, rules[i].table}, i);
    if (!isNew) refuse("rules[{}]: has the role and the table of rules[{}]", i, place->second);
  }
}

Rule ruleForAll(std::string role, Level read, Level others) {
  return {std::move(role), std::string(kAnyTable), read, others, others, others};
}

}  // namespace

// The keys and the texts of the grants are views into `rules`, which never changes.
struct RuleSet::Compiled {
  std::vector<Rule> rules;
  std::unordered_map<std::string_view, RoleGrants> roles;

  explicit Compiled(std::vector<Rule> given) : rules(std::move(given)) {
    for (const Rule& rule : rules) {
      if (rule.table == kAnyTable) roles[rule.role].otherTables = grantsOf(rule, {});
    }
    for (const Rule& rule : rules) {
      if (rule.table == kAnyTable) continue;
      RoleGrants& role = roles[rule.role];
      role.tables[rule.table] = grantsOf(rule, role.otherTables);
    }
  }

  Decision decide(std::string_view roleName, std::string_view table, Operation operation) const {
    const auto role = roles.find(roleName);
    if (role == roles.end()) return {};
    const auto named = role->second.tables.find(table);
    const bool isNamed = named != role->second.tables.end();
    const Grants& grants = isNamed ? named->second : role->second.otherTables;
    const Grant& grant = grants[static_cast<std::size_t>(operation)];
    if (grant.table.empty()) return {};
    return {grant.level, role->first, grant.table};
  }
};

RuleSet::RuleSet(std::vector<Rule> rules) {
  check(rules);
  compiled_ = std::make_unique<Compiled>(std::move(rules));
}

RuleSet::~RuleSet() = default;
RuleSet::RuleSet(RuleSet&&) noexcept = default;
RuleSet& RuleSet::operator=(RuleSet&&) noexcept = default;

RuleSet RuleSet::standard() {
  return RuleSet({ruleForAll("user", Level::my, Level::my),
                  ruleForAll("admin", Level::group, Level::group),
                  ruleForAll("sysadmin", Level::all, Level::all),
                  ruleForAll("viewer", Level::group, Level::none)});
}

Decision RuleSet::decide(const Identity& identity, std::string_view table,
                         Operation operation) const {
  Decision widest;
  for (const std::string& role : identity.roles) {
    const Decision next = compiled_->decide(role, table, operation);
    const bool isFirst = widest.role.empty();
    if (isFirst || next.level > widest.level) widest = next;
  }
  return widest;
}

Scope RuleSet::scope(const Identity& identity, std::string_view table, Operation operation) const {
  return {decide(identity, table, operation).level, identity};
}

}  // namespace chatbot
