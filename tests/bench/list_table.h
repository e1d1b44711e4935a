// A table of what lists cost, by the size of the database.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "list_data.h"

namespace chatbot::bench {

using Call = std::function<void()>;
using AllData = std::vector<std::unique_ptr<ListData>>;  // by size

// What is measured on one file.
struct Measured {
  Call call;
  Call plain;           // the same of plain SQLite; none where it has no such thing
  Call before = [] {};  // each of them, and not measured
};
using Measure = std::function<Measured(ListData&)>;

class Table {
 public:
  // Prints the head. `only`: what the names of the lines must hold. Borrows the data.
  Table(const AllData& all, std::string only);

  // Measures and prints a line. The sizes and plain SQLite take turns, so that another load on the
  // machine meets all of them.
  void measure(const std::string& name, const Measure& prepare);

 private:
  const AllData& all_;
  std::string only_;
};

}  // namespace chatbot::bench
