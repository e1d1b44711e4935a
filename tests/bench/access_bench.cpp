// May this caller read this row: the check of one row in memory, by the number of rules and of the
// caller's roles. Beside it, in a hash table with as many entries, one lookup for each role.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <unordered_map>

#include "chatbot/access.h"

namespace chatbot::bench {
namespace {

constexpr std::string_view kUser = "0192f3a4-7c1e-7d02-9b6a-3f0c5d8e1a27";
constexpr std::string_view kMandate = "0192f3a4-0b11-7e5c-8d3f-6a9b2c4e7f10";
constexpr std::string_view kOtherMandate = "0192f3a4-0b11-7e5c-8d3f-6a9b2c4e7f11";

std::string roleOf(std::int64_t number) { return fmt::format("role-{}", number); }

// How many roles the rules are of: 5, 50 and 500 for 10, 1,000 and 100,000 rules.
std::int64_t rolesOf(std::int64_t rules) {
  std::int64_t roles = 5;
  while (roles * roles < rules / 2) roles *= 10;
  return roles;
}

// As many rules for each role: for all tables, for ChatWorkflow, and for tables of the host.
std::vector<Rule> rulesOf(std::int64_t count) {
  const std::int64_t roles = rolesOf(count);
  std::vector<Rule> rules;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t table = i / roles;
    Rule rule{roleOf(i % roles), fmt::format("HostTable{}", table), Level::my, {}, {}, {}};
    if (table == 0) rule.table = "*";
    if (table == 1) rule.table = kWorkflowTable;
    if (table == 1) rule.read = Level::group;
    rules.push_back(std::move(rule));
  }
  return rules;
}

// The last ones of the roles that there are.
Identity callerOf(std::int64_t rules, std::int64_t roles) {
  Identity caller{std::string(kUser), std::string(kMandate), {}};
  for (std::int64_t i = 1; i <= roles; ++i) caller.roles.push_back(roleOf(rolesOf(rules) - i));
  return caller;
}

struct Case {
  explicit Case(const benchmark::State& state)
      : rules(rulesOf(state.range(0))),
        caller(callerOf(state.range(0), state.range(1))),
        mandateId(state.range(2) == 1 ? kMandate : kOtherMandate) {}

  std::vector<Rule> rules;
  Identity caller;
  std::string mandateId;  // of the row
};

// Every benchmark with 10, 1,000 and 100,000 rules, one role and five, denied and allowed.
void allCases(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"rules", "roles", "allow"});
  benchmark->ArgsProduct({{10, 1'000, 100'000}, {1, 5}, {0, 1}});
}

void check(benchmark::State& state) {
  const Case input(state);
  const RuleSet rules(input.rules);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        rules.allows(input.caller, kWorkflowTable, Operation::read, input.mandateId, kUser));
  }
}
BENCHMARK(check)->Apply(allCases);

// What a list asks for: a scope, which then serves for any number of rows.
void checkByScope(benchmark::State& state) {
  const Case input(state);
  const RuleSet rules(input.rules);
  for (auto _ : state) {
    const Scope scope = rules.scope(input.caller, kWorkflowTable, Operation::read);
    benchmark::DoNotOptimize(scope.allows(input.mandateId, kUser));
  }
}
BENCHMARK(checkByScope)->Apply(allCases);

void explain(benchmark::State& state) {
  const Case input(state);
  const RuleSet rules(input.rules);
  for (auto _ : state) {
    benchmark::DoNotOptimize(rules.decide(input.caller, kWorkflowTable, Operation::read));
  }
}
BENCHMARK(explain)->Apply(allCases);

// The levels by "table/role", the keys made beforehand.
void plainLookup(benchmark::State& state) {
  const Case input(state);
  std::unordered_map<std::string, Level> levels;
  for (const Rule& rule : input.rules) levels[rule.table + '/' + rule.role] = *rule.read;
  std::vector<std::string> keys;
  for (const std::string& role : input.caller.roles) {
    keys.push_back(std::string(kWorkflowTable) + '/' + role);
  }
  for (auto _ : state) {
    for (const std::string& key : keys) benchmark::DoNotOptimize(levels.find(key)->second);
    benchmark::DoNotOptimize(input.mandateId == input.caller.mandateId);
  }
}
BENCHMARK(plainLookup)->Apply(allCases);

}  // namespace
}  // namespace chatbot::bench
