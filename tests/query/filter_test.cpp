#include "query/filter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/refusal.h"

using namespace std::string_view_literals;

namespace chatbot {
namespace {

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
namespace {

using Values = std::vector<SqlValue>;

const Field kColumn{"Name", "name"};
const Field kTitle{"Title", "title"};

SqlCondition sql(query::Operator operation, Values values) {
  return query::toSql({{kColumn}, operation, std::move(values)});
}

TEST_CASE("each operation has its expression, with the value bound") {
  const std::vector<std::pair<query::Operator, std::string>> expected = {
      {query::Operator::equals, "name = ?"},
      {query::Operator::notEquals, "(name <> ? OR name IS NULL)"},
      {query::Operator::contains, "chatbot_contains(name, ?)"},
      {query::Operator::startsWith, "chatbot_starts_with(name, ?)"},
      {query::Operator::endsWith, "chatbot_ends_with(name, ?)"},
      {query::Operator::greater, "name > ?"},
      {query::Operator::greaterOrEqual, "name >= ?"},
      {query::Operator::less, "name < ?"},
      {query::Operator::lessOrEqual, "name <= ?"},
  };
  for (const auto& [operation, text] : expected) {
    CHECK(sql(operation, {"a"}).text == text);
    CHECK(sql(operation, {"a"}).values == Values{"a"});
  }
}

TEST_CASE("where texts are stored without their case, that column is looked at") {
  Field field = kColumn;
  field.foldedColumn = "nameFolded";
  const auto text = [&](query::Operator operation, Folding folding) {
    return query::toSql({{field, kTitle}, operation, {"a"}}, {}, folding).text;
  };
  CHECK(text(query::Operator::contains, Folding::inColumns) ==
        "(chatbot_contains(coalesce(nameFolded, name), ?) OR chatbot_contains(title, ?))");
  CHECK(text(query::Operator::endsWith, Folding::inFunctions) ==
        "(chatbot_ends_with(name, ?) OR chatbot_ends_with(title, ?))");
  CHECK(text(query::Operator::equals, Folding::inColumns) == "(name = ? OR title = ?)");
}

TEST_CASE("tests for null bind nothing") {
  CHECK(sql(query::Operator::isNull, {}).text == "name IS NULL");
  CHECK(sql(query::Operator::isNotNull, {}).text == "name IS NOT NULL");
  CHECK(sql(query::Operator::isNull, {}).values.empty());
}

TEST_CASE("lists have one mark for each value but null, which has its own term") {
  CHECK(sql(query::Operator::in, {"a", "b"}).text == "name IN (?, ?)");
  CHECK(sql(query::Operator::in, {{}, "a", "b"}).text == "(name IN (?, ?) OR name IS NULL)");
  CHECK(sql(query::Operator::in, {{}, "a", "b"}).values == Values{"a", "b"});
  CHECK(sql(query::Operator::notIn, {"a"}).text == "(name NOT IN (?) OR name IS NULL)");
  CHECK(sql(query::Operator::notIn, {{}, "a"}).text == "(name NOT IN (?) AND name IS NOT NULL)");
  CHECK(sql(query::Operator::notIn, {{}, "a"}).values == Values{"a"});
}

TEST_CASE("nothing is in an empty list") {
  CHECK(sql(query::Operator::in, {}).text == "FALSE");
  CHECK(sql(query::Operator::notIn, {}).text == "TRUE");
}

TEST_CASE("several fields are alternatives, each with its own value") {
  const SqlCondition both = query::toSql({{kColumn, kTitle}, query::Operator::contains, {"a"}});
  CHECK(both.text == "(chatbot_contains(name, ?) OR chatbot_contains(title, ?))");
  CHECK(both.values == Values{"a", "a"});
}

TEST_CASE("without a field no row fits") {
  const SqlCondition none = query::toSql({{}, query::Operator::contains, {"a"}});
  CHECK(none.text == "FALSE");
  CHECK(none.values.empty());
}

SqlCondition inMessages(std::string_view text) { return {"said(id, ?)", {std::string(text)}}; }

TEST_CASE("messages are one more alternative, asked with the text as it was written") {
  const SqlCondition one =
      query::toSql({{kColumn}, query::Operator::contains, {"a"}, "A"}, inMessages);
  CHECK(one.text == "(chatbot_contains(name, ?) OR said(id, ?))");
  CHECK(one.values == Values{"a", "A"});
  const SqlCondition two =
      query::toSql({{kColumn, kTitle}, query::Operator::contains, {"a"}, "A"}, inMessages);
  CHECK(two.text == "(chatbot_contains(name, ?) OR chatbot_contains(title, ?) OR said(id, ?))");
  CHECK(two.values == Values{"a", "a", "A"});
  CHECK(query::toSql({{}, query::Operator::contains, {"a"}, "A"}, inMessages).text ==
        "(FALSE OR said(id, ?))");
}

TEST_CASE("a filter that does not ask for messages is not asked in them") {
  CHECK(query::toSql({{kColumn}, query::Operator::contains, {"a"}}, inMessages).text ==
        "chatbot_contains(name, ?)");
}

TEST_CASE("messages cannot be asked for where there are none") {
  CHECK(test::refusalOf([] {
          query::toSql({{kColumn}, query::Operator::contains, {"a"}, "A"});
        }) == "filters.searchIn: these rows have no messages");
}

}  // namespace
}  // namespace chatbot
