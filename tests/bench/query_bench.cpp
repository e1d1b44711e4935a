// The query engine over rows in memory.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "chatbot/query.h"
#include "dataset.h"

namespace chatbot::bench {
namespace {

constexpr std::int64_t kRows = 10'000;

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
