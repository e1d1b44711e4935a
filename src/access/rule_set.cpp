#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "access/level.h"
#include "base/message.h"
#include "chatbot/access.h"

namespace chatbot {
namespace {

constexpr std::string_view kAnyTable = "*";

// For each Operation, in its order.
constexpr std::array<std::optional<Level> Rule::*, 4> kLevels = {&Rule::read, &Rule::create,
                                                                 &Rule::update, &Rule::remove};

constexpr std::size_t kNoRule = kMaxRules;

// Tables are numbered, so that a check reads the table's name once and not for each role.
using TableNumber = std::size_t;
constexpr TableNumber kUnnamed = 0;  // a table that no rule names

struct Grant {
  Level level = Level::none;
  std::size_t rule = kNoRule;
};

using Grants = std::array<Grant, kLevels.size()>;

struct RoleGrants {
  Grants otherTables;
  std::unordered_map<TableNumber, Grants> tables;
};

// The levels of `rule`, the rule at `index`; those of `fallback` where it has none.
Grants grantsOf(const Rule& rule, std::size_t index, const Grants& fallback) {
  Grants grants = fallback;
  for (std::size_t i = 0; i < grants.size(); ++i) {
    if (const std::optional<Level> level = rule.*kLevels[i]) grants[i] = {*level, index};
  }
  return grants;
}

std::string_view faultOf(std::string_view name) noexcept {
  return name.empty() ? "must not be empty" : access::faultOfAccessName(name);
}

void check(const std::vector<Rule>& rules) {
  if (rules.size() > kMaxRules) base::refuse("rules: must be at most {}", kMaxRules);
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> seen;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string_view role = faultOf(rules[i].role);
    const std::string_view table = faultOf(rules[i].table);
    if (!role.empty()) base::refuse("rules[{}].role: {}", i, role);
    if (!table.empty()) base::refuse("rules[{}].table: {}", i, table);
    const auto [place, isNew] = seen.try_emplace({rules[i].role, rules[i].table}, i);
    if (!isNew)
      base::refuse("rules[{}]: has the role and the table of rules[{}]", i, place->second);
  }
}

Rule ruleForAll(std::string role, Level read, Level others) {
  return {std::move(role), std::string(kAnyTable), read, others, others, others};
}

}  // namespace

// The keys are views into `rules`, which never changes.
struct RuleSet::Compiled {
  std::vector<Rule> rules;
  std::unordered_map<std::string_view, TableNumber> tables;  // from 1
  std::unordered_map<std::string_view, RoleGrants> roles;

  explicit Compiled(std::vector<Rule> given) : rules(std::move(given)) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].table != kAnyTable) continue;
      roles[rules[i].role].otherTables = grantsOf(rules[i], i, {});
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].table == kAnyTable) continue;
      RoleGrants& role = roles[rules[i].role];
      const TableNumber table = tables.try_emplace(rules[i].table, tables.size() + 1).first->second;
      role.tables[table] = grantsOf(rules[i], i, role.otherTables);
    }
  }

  TableNumber numberOf(std::string_view table) const noexcept {
    const auto found = tables.find(table);
    return found == tables.end() ? kUnnamed : found->second;
  }

  static const Grants& grantsOn(TableNumber table, const RoleGrants& role) noexcept {
    const auto named = role.tables.find(table);
    return named == role.tables.end() ? role.otherTables : named->second;
  }

  // The widest over the caller's roles, the first of them where several are equal.
  Grant grant(const Identity& caller, std::string_view tableName,
              Operation operation) const noexcept {
    const TableNumber table = numberOf(tableName);
    Grant widest;
    for (const std::string& name : caller.roles) {
      const auto role = roles.find(name);
      if (role == roles.end()) continue;
      const Grant& next = grantsOn(table, role->second)[static_cast<std::size_t>(operation)];
      const bool isFirst = widest.rule == kNoRule;
      if (isFirst || next.level > widest.level) widest = next;
      if (widest.level == Level::all) break;
    }
    return widest;
  }
};

RuleSet::RuleSet(std::vector<Rule> rules) {
  check(rules);
  compiled_ = std::make_shared<const Compiled>(std::move(rules));
}

RuleSet RuleSet::standard() {
  return RuleSet({ruleForAll("user", Level::my, Level::my),
                  ruleForAll("admin", Level::group, Level::group),
                  ruleForAll("sysadmin", Level::all, Level::all),
                  ruleForAll("viewer", Level::group, Level::none)});
}

const std::vector<Rule>& RuleSet::rules() const noexcept { return compiled_->rules; }

Decision RuleSet::decide(const Identity& identity, std::string_view table,
                         Operation operation) const noexcept {
  const Grant grant = compiled_->grant(identity, table, operation);
  if (grant.rule == kNoRule) return {};
  const Rule& rule = rules()[grant.rule];
  return {access::levelFor(identity, grant.level), rule.role, rule.table, grant.rule};
}

Scope RuleSet::scope(const Identity& identity, std::string_view table, Operation operation) const {
  return {compiled_->grant(identity, table, operation).level, identity};
}

bool RuleSet::allows(const Identity& identity, std::string_view table, Operation operation,
                     std::string_view mandateId, std::string_view createdBy) const noexcept {
  const Level level = compiled_->grant(identity, table, operation).level;
  return access::reaches(access::levelFor(identity, level), {identity.mandateId, identity.userId},
                         {mandateId, createdBy});
}

Scope::Scope(Level level, const Identity& identity)
    : level_(access::levelFor(identity, level)),
      userId_(identity.userId),
      mandateId_(identity.mandateId) {}

Scope Scope::system() {
  Scope everything(Level::none, Identity{});
  everything.level_ = Level::all;
  return everything;
}

Scope Scope::ofMandate(std::string mandateId) {
  Scope tenant(Level::none, Identity{});
  tenant.level_ = Level::group;
  tenant.mandateId_ = std::move(mandateId);
  return tenant;
}

bool Scope::allows(std::string_view mandateId, std::string_view createdBy) const noexcept {
  return access::reaches(level_, {mandateId_, userId_}, {mandateId, createdBy});
}

SqlCondition Scope::condition() const {
  switch (level_) {
    case Level::none:
      break;
    case Level::my:
      return {"(mandateId = ? AND createdBy = ?)", {mandateId_, userId_}};
    case Level::group:
      return {"mandateId = ?", {mandateId_}};
    case Level::all:
      return {"TRUE", {}};
  }
  return {"FALSE", {}};
}

}  // namespace chatbot
