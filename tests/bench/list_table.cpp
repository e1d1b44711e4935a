#include "list_table.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "figures.h"

namespace chatbot::bench {
namespace {

constexpr int kTurns = 5;
constexpr int kFewestCalls = 1;  // of a turn
constexpr int kMostCalls = 200;
constexpr double kEnough = 20'000;  // microseconds of a turn

// Times of one call; what disturbs a part of them leaves the median alone.
class Times {
 public:
  void measure(const Call& call, const Call& before) {
    before();
    call();
    double sum = 0;
    for (int i = 0; i < kFewestCalls || (i < kMostCalls && sum < kEnough); ++i) {
      before();
      const Moment start = std::chrono::steady_clock::now();
      call();
      values_.push_back(microseconds(start, std::chrono::steady_clock::now()));
      sum += values_.back();
    }
  }

  bool empty() const { return values_.empty(); }
  double median() const { return bench::median(values_); }

 private:
  std::vector<double> values_;
};

void print(const std::string& name, const std::vector<Times>& times, const Times& plain) {
  fmt::print("{:<56}", name);
  for (const Times& time : times) fmt::print("{:>11.1f}", time.median());
  const double last = times.back().median();
  fmt::print("{:>8.2f}", last / times.front().median());
  if (!plain.empty()) fmt::print("{:>11.1f}{:>8.2f}", plain.median(), last / plain.median());
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

Table::Table(const AllData& all, std::string only) : all_(all), only_(std::move(only)) {
  fmt::print("\n{:<56}", "microseconds");
  for (const auto& data : all_) fmt::print("{:>11}", data->workflows());
  fmt::print("{:>8}{:>11}{:>8}\n", "growth", "plain", "ratio");
}

void Table::measure(const std::string& name, const Measure& prepare) {
  if (name.find(only_) == std::string::npos) return;
  std::vector<Measured> measured;
  for (const auto& data : all_) measured.push_back(prepare(*data));
  const Measured& last = measured.back();
  std::vector<Times> times(all_.size());
  Times plain;
  for (int turn = 0; turn < kTurns; ++turn) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i].measure(measured[i].call, measured[i].before);
    }
    if (last.plain) plain.measure(last.plain, last.before);
  }
  print(name, times, plain);
}

}  // namespace chatbot::bench
