#include "figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace chatbot::bench {

double microseconds(Moment from, Moment to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void Figures::add(const std::string& name, double value) {
  if (!values_.contains(name)) names_.push_back(name);
  values_[name].push_back(value);
}

void Figures::print() const {
  for (const std::string& name : names_) {
    const std::vector<double>& values = values_.at(name);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    fmt::print("{:<52} {:>10.1f}  ({:.1f} to {:.1f}, {} runs)\n", name, median(values), *least,
               *most, values.size());
  }
}

}  // namespace chatbot::bench
