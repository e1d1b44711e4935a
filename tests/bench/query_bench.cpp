// Access checks, and the query engine over rows in memory.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "chatbot/access.h"
#include "chatbot/query.h"
#include "dataset.h"

namespace chatbot::bench {
namespace {

constexpr std::int64_t kRows = 10'000;

// What one call of a host costs: the rules of the caller's roles, then the row.
void accessCheck(benchmark::State& state, const char* owner) {
  const RuleSet rules = RuleSet::standard();
  const Identity caller = userOf({}, 0);
  for (auto _ : state) {
    const Scope scope = rules.scope(caller, kWorkflowTable, Operation::read);
    benchmark::DoNotOptimize(scope.allows("m0", owner));
  }
}
BENCHMARK_CAPTURE(accessCheck, allowed, "u0");
BENCHMARK_CAPTURE(accessCheck, denied, "u1");

// 100 rules for other tables beside those that decide, and a caller with ten roles.
void accessCheckAmongManyRules(benchmark::State& state) {
  std::vector<Rule> rules;
  Identity caller = userOf({}, 0);
  for (int role = 0; role < 10; ++role) {
    caller.roles.push_back("role" + std::to_string(role));
    rules.push_back({caller.roles.back(), "*", Level::my, Level::my, Level::my, Level::my});
    for (int table = 0; table < 10; ++table) {
      rules.push_back(
          {caller.roles.back(), "Table" + std::to_string(table), Level::group, {}, {}, {}});
    }
  }
  const RuleSet compiled(std::move(rules));
  for (auto _ : state) {
    const Scope scope = compiled.scope(caller, kWorkflowTable, Operation::read);
    benchmark::DoNotOptimize(scope.allows("m0", "u0"));
  }
}
BENCHMARK(accessCheckAmongManyRules);

std::string rows() {
  std::string json = "[";
  for (std::int64_t i = 0; i < kRows; ++i) {
    if (i > 0) json += ',';
    json += toJson(workflowOf({.users = 10}, i).workflow);
  }
  return json + ']';
}

void selectRows(benchmark::State& state, const char* params) {
  const std::string json = rows();
  for (auto _ : state) benchmark::DoNotOptimize(select(json, workflowSchema(), params));
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK_CAPTURE(selectRows, page, R"({"pageSize": 20})")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(selectRows, sorted,
                  R"({"sort": [{"field": "lastActivity", "direction": "desc"}]})")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(selectRows, searchedAndSorted,
                  R"({"sort": [{"field": "name", "direction": "asc"}],
                      "filters": {"search": "ORCHARD", "status": ["completed", "error"]}})")
    ->Unit(benchmark::kMillisecond);

// What any evaluation of JSON text with this parser costs at least.
void parseRows(benchmark::State& state) {
  const std::string json = rows();
  for (auto _ : state) benchmark::DoNotOptimize(nlohmann::json::parse(json));
  state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(parseRows)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chatbot::bench
