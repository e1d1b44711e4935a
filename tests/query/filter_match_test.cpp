#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "query/filter.h"

namespace chatbot {
namespace {

using namespace std::string_view_literals;

const Field kName{"name", "name"};

bool fits(query::Operator operation, std::vector<SqlValue> values, const query::Value& value) {
  return query::matches({{kName}, operation, std::move(values)}, value);
}

TEST_CASE("equality is exact, and null equals no value") {
  CHECK(fits(query::Operator::equals, {"a"}, "a"sv));
  CHECK_FALSE(fits(query::Operator::equals, {"a"}, "A"sv));
  CHECK_FALSE(fits(query::Operator::equals, {"a"}, "a\0"sv));
  CHECK(fits(query::Operator::equals, {std::int64_t{1}}, 1.0));
  CHECK_FALSE(fits(query::Operator::equals, {"a"}, query::Value{}));
}

TEST_CASE("what is not equal is any other value, null included") {
  CHECK_FALSE(fits(query::Operator::notEquals, {"a"}, "a"sv));
  CHECK(fits(query::Operator::notEquals, {"a"}, "b"sv));
  CHECK(fits(query::Operator::notEquals, {"a"}, query::Value{}));
}

TEST_CASE("an order holds between values, never with null") {
  const query::Value one = std::int64_t{1};
  const query::Value two = 2.0;
  const std::vector<SqlValue> asked = {std::int64_t{2}};
  CHECK_FALSE(fits(query::Operator::greater, asked, two));
  CHECK(fits(query::Operator::greater, asked, 2.5));
  CHECK(fits(query::Operator::greaterOrEqual, asked, two));
  CHECK_FALSE(fits(query::Operator::greaterOrEqual, asked, one));
  CHECK(fits(query::Operator::less, asked, one));
  CHECK_FALSE(fits(query::Operator::less, asked, two));
  CHECK(fits(query::Operator::lessOrEqual, asked, two));
  CHECK_FALSE(fits(query::Operator::lessOrEqual, asked, 2.5));
  for (const query::Operator operation : {query::Operator::greater, query::Operator::greaterOrEqual,
                                          query::Operator::less, query::Operator::lessOrEqual}) {
    CHECK_FALSE(fits(operation, asked, query::Value{}));
  }
}

TEST_CASE("text operations ignore case and never hold for null") {
  CHECK(fits(query::Operator::contains, {"ell"}, "HELLO"sv));
  CHECK(fits(query::Operator::startsWith, {"hel"}, "HELLO"sv));
  CHECK(fits(query::Operator::endsWith, {"llo"}, "HELLO"sv));
  CHECK_FALSE(fits(query::Operator::startsWith, {"llo"}, "HELLO"sv));
  for (const query::Operator operation :
       {query::Operator::contains, query::Operator::startsWith, query::Operator::endsWith}) {
    CHECK_FALSE(fits(operation, {""}, query::Value{}));
    CHECK(fits(operation, {""}, ""sv));
  }
}

TEST_CASE("a list matches its values, and null where it lists it") {
  const std::vector<SqlValue> plain = {std::int64_t{1}, 2.5, std::int64_t{7}};
  const std::vector<SqlValue> withNull = {{}, "a", "b"};
  CHECK(fits(query::Operator::in, plain, 1.0));
  CHECK(fits(query::Operator::in, plain, std::int64_t{7}));
  CHECK_FALSE(fits(query::Operator::in, plain, std::int64_t{2}));
  CHECK_FALSE(fits(query::Operator::in, plain, query::Value{}));
  CHECK(fits(query::Operator::in, withNull, query::Value{}));
  CHECK(fits(query::Operator::in, withNull, "b"sv));
  CHECK(fits(query::Operator::notIn, plain, query::Value{}));
  CHECK(fits(query::Operator::notIn, plain, std::int64_t{2}));
  CHECK_FALSE(fits(query::Operator::notIn, plain, 2.5));
  CHECK_FALSE(fits(query::Operator::notIn, withNull, query::Value{}));
  CHECK(fits(query::Operator::notIn, withNull, "c"sv));
}

TEST_CASE("nothing is in an empty list") {
  CHECK_FALSE(fits(query::Operator::in, {}, "a"sv));
  CHECK_FALSE(fits(query::Operator::in, {}, query::Value{}));
  CHECK(fits(query::Operator::notIn, {}, "a"sv));
  CHECK(fits(query::Operator::notIn, {}, query::Value{}));
}

TEST_CASE("tests for null") {
  CHECK(fits(query::Operator::isNull, {}, query::Value{}));
  CHECK_FALSE(fits(query::Operator::isNull, {}, ""sv));
  CHECK_FALSE(fits(query::Operator::isNotNull, {}, query::Value{}));
  CHECK(fits(query::Operator::isNotNull, {}, std::int64_t{0}));
}

}  // namespace
}  // namespace chatbot
