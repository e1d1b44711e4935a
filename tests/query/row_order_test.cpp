#include "query/row_order.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::query;

namespace {

const Field kName{"name", "name"};
const Field kAt{"at", "at", FieldType::real, false};
const Field kId{"id", "id", FieldType::text, false};

std::string afterOf(const std::vector<SortKey>& keys, const std::vector<SqlValue>& values) {
  return rowsAfter(keys, values).text;
}

}  // namespace

TEST_CASE("the first key bounds the rows by itself, so that an index is entered there") {
  const SqlCondition after = rowsAfter(std::vector<SortKey>{{kAt, true}, {kId, false}},
                                       std::vector<SqlValue>{1.5, std::string("x")});
  CHECK(after.text == "(at <= ? AND (at < ? OR id > ?))");
  CHECK(after.values == std::vector<SqlValue>{1.5, 1.5, std::string("x")});
}

TEST_CASE("null follows every value, and only null follows null") {
  CHECK(afterOf({{kName, false}, {kId, false}}, {std::string("a"), std::string("x")}) ==
        "((name >= ? OR name IS NULL) AND ((name > ? OR name IS NULL) OR id > ?))");
  CHECK(afterOf({{kName, true}, {kId, false}}, {std::monostate{}, std::string("x")}) ==
        "(name IS NULL AND id > ?)");
}

TEST_CASE("null is last in either direction") {
  const Value null;
  const Value one = std::int64_t{1};
  const Value two = std::int64_t{2};
  for (const bool descending : {false, true}) {
    const SortKey key{kName, descending};
    CHECK(std::is_gt(compareFor(key, null, one)));
    CHECK(std::is_lt(compareFor(key, one, null)));
    CHECK(std::is_eq(compareFor(key, null, null)));
    CHECK(std::is_lt(compareFor(key, one, two)) != descending);
  }
}
