#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "query/filter.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

using Values = std::vector<SqlValue>;

const Field kName{"Name", "name"};
const Field kTitle{"Title", "title"};

SqlCondition sql(query::Operator operation, Values values) {
  return query::toSql({{kName}, operation, std::move(values)});
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
  Field field = kName;
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
  const SqlCondition both = query::toSql({{kName, kTitle}, query::Operator::contains, {"a"}});
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
      query::toSql({{kName}, query::Operator::contains, {"a"}, "A"}, inMessages);
  CHECK(one.text == "(chatbot_contains(name, ?) OR said(id, ?))");
  CHECK(one.values == Values{"a", "A"});
  const SqlCondition two =
      query::toSql({{kName, kTitle}, query::Operator::contains, {"a"}, "A"}, inMessages);
  CHECK(two.text == "(chatbot_contains(name, ?) OR chatbot_contains(title, ?) OR said(id, ?))");
  CHECK(two.values == Values{"a", "a", "A"});
  CHECK(query::toSql({{}, query::Operator::contains, {"a"}, "A"}, inMessages).text ==
        "(FALSE OR said(id, ?))");
}

TEST_CASE("a filter that does not ask for messages is not asked in them") {
  CHECK(query::toSql({{kName}, query::Operator::contains, {"a"}}, inMessages).text ==
        "chatbot_contains(name, ?)");
}

TEST_CASE("messages cannot be asked for where there are none") {
  CHECK(test::refusalOf([] {
          query::toSql({{kName}, query::Operator::contains, {"a"}, "A"});
        }) == "filters.searchIn: these rows have no messages");
}

}  // namespace
}  // namespace chatbot
