// Rows in memory: the values of their fields.
#include "query/row_table.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::query;

namespace {

Schema schemaOf() {
  return {{.name = "id", .column = "id"},
          {.name = "size", .column = "size", .type = FieldType::integer, .ifNull = std::int64_t{7}},
          {.name = "price", .column = "price", .type = FieldType::real}};
}

std::string faultOf(const std::string& json) {
  const Schema schema = schemaOf();
  return test::refusalOf([&] { RowTable(json, schema); });
}

}  // namespace

TEST_CASE("a row's members may come in any order, and others between them") {
  const Schema schema = schemaOf();
  const RowTable table(R"([{"id": "a", "size": 1, "price": 0.5},
                          {"price": 2, "x": {"id": "no", "l": [{"size": 9}]}, "id": "b\n\u00e9"}])",
                       schema);
  REQUIRE(table.size() == 2);
  CHECK(table.value(0, 0) == Value("a"));
  CHECK(table.value(0, 1) == Value(std::int64_t{1}));
  CHECK(table.value(0, 2) == Value(0.5));
  CHECK(table.value(1, table.columnOf(schema[0])) == Value("b\n\xC3\xA9"));
  CHECK(table.value(1, table.columnOf(schema[2])) == Value(std::int64_t{2}));
}

TEST_CASE("what is absent is null, and null is what the field says") {
  const Schema schema = schemaOf();
  const RowTable table(R"([{}, {"id": null, "size": null}])", schema);
  for (std::size_t row = 0; row < table.size(); ++row) {
    CHECK(isNull(table.value(row, 0)));
    CHECK(table.value(row, 1) == Value(std::int64_t{7}));
    CHECK(isNull(table.value(row, 2)));
  }
}

TEST_CASE("the last of several members of one name counts") {
  const Schema schema = schemaOf();
  const RowTable table(R"([{"id": "a", "size": "no", "id": "b", "size": 3}])", schema);
  CHECK(table.value(0, 0) == Value("b"));
  CHECK(table.value(0, 1) == Value(std::int64_t{3}));
  CHECK(faultOf(R"([{"size": 3, "size": []}])") == "rows[0].size must be a number or null");
}

TEST_CASE("whole numbers beyond 64 bits become reals") {
  const Schema schema = schemaOf();
  const RowTable table(R"([{"size": 9223372036854775807}, {"size": 9223372036854775808},
                          {"size": -9223372036854775808}, {"size": -9223372036854775809}])",
                       schema);
  CHECK(table.value(0, 1) == Value(std::int64_t{9223372036854775807}));
  CHECK(table.value(1, 1) == Value(0x1p63));
  CHECK(table.value(2, 1) == Value(std::int64_t{-9223372036854775807} - 1));
  CHECK(table.value(3, 1) == Value(-0x1p63));
}

TEST_CASE("the first row at fault is named, and of its fields the schema's first") {
  CHECK(faultOf(R"([{"price": "x", "size": true, "id": 1}, 7])") ==
        "rows[0].id must be text or null");
  CHECK(faultOf(R"([{}, [{"id": 1}], {"id": 1}])") == "rows[1] must be an object");
  CHECK(faultOf(R"({"id": {"size": "x"}})") == "rows must be a list");
  CHECK(faultOf("7") == "rows must be a list");
}

TEST_CASE("text that is no JSON is refused as such, whatever stands before the place") {
  for (const std::string json :
       {"[7, {]", "{\"id\": 1", "[{\"id\": 1}] 2", "[{\"size\": 1e999}]"}) {
    CAPTURE(json);
    CHECK(faultOf(json) == "rows must be valid JSON");
  }
  CHECK(faultOf(std::string(65, '[') + std::string(65, ']')) == "rows must be valid JSON");
}
