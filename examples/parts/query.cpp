// The query engine alone, over rows that the host brings: an endpoint that lists its machines gets
// paging, sorting and filters as clients know them from the chatbot's lists.
#include <chatbot/error.h>
#include <chatbot/query.h>

#include <iostream>

namespace {

constexpr std::string_view kMachines = R"([
  {"id": "m1", "name": "Älpli",    "site": "Bern",   "load": 0.5},
  {"id": "m2", "name": "Bodensee", "site": "Zürich", "load": 0.9},
  {"id": "m3", "name": "Calanda",  "site": "Chur",   "load": 0.1},
  {"id": "m4", "name": "Dents",    "site": "Zürich", "load": null}
])";

// The fields that a client may sort and filter by; other fields of the rows are carried along.
constexpr std::string_view kFields =
    R"({"id": "text", "name": "text", "site": "text", "load": "real"})";

void show(const chatbot::Schema& schema, std::string_view query) {
  try {
    std::cout << chatbot::select(kMachines, schema, query) << '\n';
  } catch (const chatbot::Error& error) {
    std::cout << error.what() << '\n';
  }
}

}  // namespace

int main() {
  const chatbot::Schema machines = chatbot::parseSchema(kFields);
  show(machines, R"({"page": 2, "pageSize": 2, "sort": [{"field": "load", "direction": "desc"}]})");
  show(machines, R"({"filters": {"site": "Zürich"}})");
  show(machines, R"({"filters": {"load": {"operator": "lt", "value": 0.6}, "search": "äl"}})");
  show(machines, R"({"filters": {"colour": "red"}})");
}
