// Times, and what stands in a table of them.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace chatbot::bench {

using Moment = std::chrono::steady_clock::time_point;

double microseconds(Moment from, Moment to);

double median(std::vector<double> values);

// Each figure's values, one for each run, in the order of the first run.
class Figures {
 public:
  void add(const std::string& name, double value);

  // A line for each: the median, the least and the most.
  void print() const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::vector<double>> values_;
};

}  // namespace chatbot::bench
