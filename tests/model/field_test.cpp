// Tables of fields: what JSON shows of each kind of field.
#include "model/field.h"

#include <doctest/doctest.h>

#include <vector>

#include "model/fields.h"

using namespace chatbot;
using namespace chatbot::model;

namespace {

struct Record {
  std::string name;
  std::string title;
  std::string key;
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> steps;
  std::optional<std::string> note;
};

constexpr auto kFields =
    table(field(&Record::name, {.name = "name"}),
          field(&Record::title, {.name = "title", .whenEmpty = WhenEmpty::null}),
          field(&Record::key, {.name = "key", .whenEmpty = WhenEmpty::leftOut}),
          field(&Record::count, {.name = "count"}),
          field(&Record::steps, {.name = "steps", .ifAbsent = 10}),
          field(&Record::note, {.name = "note", .whenEmpty = WhenEmpty::leftOut}));

std::string written(const Record& record) {
  std::string out;
  base::JsonObject object(out);
  forEach(kFields,
          [&](const auto& field) { writeField(object, field.facts, record.*field.member); });
  object.close();
  return out;
}

}  // namespace

TEST_CASE("a field without a value is shown, null, its default or left out, as its table says") {
  CHECK(written({}) == R"({"name":"","title":null,"count":null,"steps":10})");
}

TEST_CASE("a field with a value is shown") {
  const Record record{.name = "a", .title = "b", .key = "c", .count = 0, .steps = 2, .note = "d"};
  CHECK(written(record) == R"({"name":"a","title":"b","key":"c","count":0,"steps":2,"note":"d"})");
}

TEST_CASE("a column has the name of JSON unless the table gives it another") {
  CHECK(columnOf({.name = "name"}) == "name");
  CHECK(columnOf({.name = "_createdBy", .column = "createdBy"}) == "createdBy");
}

TEST_CASE("no two fields of a workflow have one name or one column") {
  std::vector<std::string_view> names;
  std::vector<std::string_view> columns;
  forEach(kWorkflowFields, [&](const auto& field) {
    for (const std::string_view name : names) CHECK(name != field.facts.name);
    for (const std::string_view column : columns) CHECK(column != columnOf(field.facts));
    names.push_back(field.facts.name);
    columns.push_back(columnOf(field.facts));
  });
  CHECK(columns.size() == 16);
}
