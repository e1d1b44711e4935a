#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "query/filter.h"

namespace chatbot {
namespace {

using namespace std::string_view_literals;

const Field kName{"name", "name"};

bool fits(Operator operation, std::vector<SqlValue> values, const Value& value) {
  return matches({{kName}, operation, std::move(values)}, value);
}

TEST_CASE("equality is exact, and null equals no value") {
  CHECK(fits(Operator::equals, {"a"}, "a"sv));
  CHECK_FALSE(fits(Operator::equals, {"a"}, "A"sv));
  CHECK_FALSE(fits(Operator::equals, {"a"}, "a\0"sv));
  CHECK(fits(Operator::equals, {std::int64_t{1}}, 1.0));
  CHECK_FALSE(fits(Operator::equals, {"a"}, Value{}));
}

TEST_CASE("what is not equal is any other value, null included") {
  CHECK_FALSE(fits(Operator::notEquals, {"a"}, "a"sv));
  CHECK(fits(Operator::notEquals, {"a"}, "b"sv));
  CHECK(fits(Operator::notEquals, {"a"}, Value{}));
}

TEST_CASE("an order holds between values, never with null") {
  const Value one = std::int64_t{1};
  const Value two = 2.0;
  const std::vector<SqlValue> asked = {std::int64_t{2}};
  CHECK_FALSE(fits(Operator::greater, asked, two));
  CHECK(fits(Operator::greater, asked, 2.5));
  CHECK(fits(Operator::greaterOrEqual, asked, two));
  CHECK_FALSE(fits(Operator::greaterOrEqual, asked, one));
  CHECK(fits(Operator::less, asked, one));
  CHECK_FALSE(fits(Operator::less, asked, two));
  CHECK(fits(Operator::lessOrEqual, asked, two));
  CHECK_FALSE(fits(Operator::lessOrEqual, asked, 2.5));
  for (const Operator operation :
       {Operator::greater, Operator::greaterOrEqual, Operator::less, Operator::lessOrEqual}) {
    CHECK_FALSE(fits(operation, asked, Value{}));
  }
}

TEST_CASE("text operations ignore case and never hold for null") {
  CHECK(fits(Operator::contains, {"ell"}, "HELLO"sv));
  CHECK(fits(Operator::startsWith, {"hel"}, "HELLO"sv));
  CHECK(fits(Operator::endsWith, {"llo"}, "HELLO"sv));
  CHECK_FALSE(fits(Operator::startsWith, {"llo"}, "HELLO"sv));
  for (const Operator operation : {Operator::contains, Operator::startsWith, Operator::endsWith}) {
    CHECK_FALSE(fits(operation, {""}, Value{}));
    CHECK(fits(operation, {""}, ""sv));
  }
}

TEST_CASE("a list matches its values, and null where it lists it") {
  const std::vector<SqlValue> plain = {std::int64_t{1}, 2.5, std::int64_t{7}};
  const std::vector<SqlValue> withNull = {{}, "a", "b"};
  CHECK(fits(Operator::in, plain, 1.0));
  CHECK(fits(Operator::in, plain, std::int64_t{7}));
  CHECK_FALSE(fits(Operator::in, plain, std::int64_t{2}));
  CHECK_FALSE(fits(Operator::in, plain, Value{}));
  CHECK(fits(Operator::in, withNull, Value{}));
  CHECK(fits(Operator::in, withNull, "b"sv));
  CHECK(fits(Operator::notIn, plain, Value{}));
  CHECK(fits(Operator::notIn, plain, std::int64_t{2}));
  CHECK_FALSE(fits(Operator::notIn, plain, 2.5));
  CHECK_FALSE(fits(Operator::notIn, withNull, Value{}));
  CHECK(fits(Operator::notIn, withNull, "c"sv));
}

TEST_CASE("nothing is in an empty list") {
  CHECK_FALSE(fits(Operator::in, {}, "a"sv));
  CHECK_FALSE(fits(Operator::in, {}, Value{}));
  CHECK(fits(Operator::notIn, {}, "a"sv));
  CHECK(fits(Operator::notIn, {}, Value{}));
}

TEST_CASE("tests for null") {
  CHECK(fits(Operator::isNull, {}, Value{}));
  CHECK_FALSE(fits(Operator::isNull, {}, ""sv));
  CHECK_FALSE(fits(Operator::isNotNull, {}, Value{}));
  CHECK(fits(Operator::isNotNull, {}, std::int64_t{0}));
}

}  // namespace
}  // namespace chatbot
