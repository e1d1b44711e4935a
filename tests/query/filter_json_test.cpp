#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "query/filter.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

using Values = std::vector<SqlValue>;

const Schema& schema() {
  static const Schema made = {{"id", "id"},
                              {"name", "name"},
                              {"size", "size", FieldType::integer},
                              {"price", "price", FieldType::real}};
  return made;
}

query::Filters parse(const std::string& json) {
  return query::parseFilters(base::parseJson(json).value(), schema());
}

query::Filter only(const std::string& json) {
  const query::Filters filters = parse(json);
  REQUIRE(filters.size() == 1);
  return *filters.front();
}

// A filter on `field` with an operator; `rest` is the object's text after the operator's name.
query::Filter operation(const std::string& field, const std::string& name,
                        const std::string& rest) {
  return only("{\"" + field + "\": {\"operator\": \"" + name + "\"" + rest + "}}");
}

std::string refusalOf(const std::string& json) {
  return test::refusalOf([&] { parse(json); });
}

std::string refusalOf(const std::string& field, const std::string& name, const std::string& value) {
  return test::refusalOf([&] { operation(field, name, ", \"value\": " + value); });
}

TEST_CASE("no filters are none") {
  CHECK(parse("null").empty());
  CHECK(parse("{}").empty());
}

TEST_CASE("filters are an object of known fields") {
  CHECK(refusalOf("[]") == "filters must be an object");
  CHECK(refusalOf("\"name\"") == "filters must be an object");
  CHECK(refusalOf("7") == "filters must be an object");
  CHECK(refusalOf("true") == "filters must be an object");
  CHECK(refusalOf(R"({"nme": "a"})") == "filters: unknown field \"nme\"");
  CHECK(refusalOf(R"({"Name": "a"})") == "filters: unknown field \"Name\"");
  CHECK(refusalOf(R"({"": "a"})") == "filters: unknown field \"\"");
  CHECK(refusalOf(R"({"SearchIn": "messages"})") == "filters: unknown field \"SearchIn\"");
  CHECK(refusalOf(R"({"name = '' OR 1": "a"})") == "filters: unknown field \"name = '' OR 1\"");
}

TEST_CASE("a value alone is compared for equality") {
  const query::Filter text = only(R"({"name": "Ab"})");
  CHECK(text.operation == query::Operator::equals);
  CHECK(text.values == Values{"Ab"});
  REQUIRE(text.fields.size() == 1);
  CHECK(text.fields.front().name == "name");
  CHECK(only(R"({"size": 1.5})").values == Values{1.5});
  CHECK(only(R"({"price": 2})").values == Values{std::int64_t{2}});
}

TEST_CASE("null alone asks for null") {
  CHECK(only(R"({"name": null})").operation == query::Operator::isNull);
  CHECK(only(R"({"name": null})").values.empty());
}

TEST_CASE("a list alone asks for one of its values") {
  const query::Filter filter = only(R"({"name": ["b", null, "a", "b"]})");
  CHECK(filter.operation == query::Operator::in);
  CHECK(filter.values == Values{{}, "a", "b"});
  CHECK(only(R"({"size": [3, 2.5, 3.0, -1]})").values.size() == 3);
  CHECK(only(R"({"name": []})").operation == query::Operator::in);
  CHECK(only(R"({"name": []})").values.empty());
  CHECK(only(R"({"name": [null, null]})").operation == query::Operator::isNull);
}

TEST_CASE("operators have their long and their short names") {
  const auto named = [](const std::string& name, const std::string& value) {
    return operation("name", name, ", \"value\": " + value).operation;
  };
  CHECK(named("equals", "\"a\"") == query::Operator::equals);
  CHECK(named("eq", "\"a\"") == query::Operator::equals);
  CHECK(named("notEquals", "\"a\"") == query::Operator::notEquals);
  CHECK(named("ne", "\"a\"") == query::Operator::notEquals);
  CHECK(named("contains", "\"a\"") == query::Operator::contains);
  CHECK(named("startsWith", "\"a\"") == query::Operator::startsWith);
  CHECK(named("endsWith", "\"a\"") == query::Operator::endsWith);
  CHECK(named("gt", "\"a\"") == query::Operator::greater);
  CHECK(named("gte", "\"a\"") == query::Operator::greaterOrEqual);
  CHECK(named("lt", "\"a\"") == query::Operator::less);
  CHECK(named("lte", "\"a\"") == query::Operator::lessOrEqual);
  CHECK(named("in", "[\"a\"]") == query::Operator::in);
  CHECK(named("notIn", "[\"a\"]") == query::Operator::notIn);
  CHECK(named("isNull", "\"a\"") == query::Operator::isNull);
  CHECK(named("isNotNull", "\"a\"") == query::Operator::isNotNull);
}

TEST_CASE("equality with null asks for null or anything else") {
  CHECK(operation("name", "equals", ", \"value\": null").operation == query::Operator::isNull);
  CHECK(operation("size", "ne", ", \"value\": null").operation == query::Operator::isNotNull);
  CHECK(operation("name", "notIn", ", \"value\": [null]").operation == query::Operator::isNotNull);
}

TEST_CASE("isNull and isNotNull need no value and ignore one") {
  for (const std::string rest : {"", ", \"value\": true", ", \"value\": [1]"}) {
    CHECK(operation("size", "isNull", rest).operation == query::Operator::isNull);
    CHECK(operation("size", "isNotNull", rest).operation == query::Operator::isNotNull);
    CHECK(operation("size", "isNull", rest).values.empty());
  }
}

TEST_CASE("an operation needs a known operator and a value, and ignores the rest") {
  CHECK(operation("name", "eq", R"(, "value": "a", "note": 1)").values == Values{"a"});
  CHECK(refusalOf(R"({"name": {}})") == "filters.name.operator is missing");
  CHECK(refusalOf(R"({"name": {"value": "a"}})") == "filters.name.operator is missing");
  CHECK(refusalOf(R"({"name": {"operator": 1}})") == "filters.name.operator must be a string");
  CHECK(refusalOf(R"({"name": {"operator": null}})") == "filters.name.operator must be a string");
  for (const std::string name : {"like", "EQ", "", "=", "is null"}) {
    CHECK(refusalOf("name", name, "\"a\"") ==
          "filters.name.operator: unknown operator \"" + name + "\"");
  }
  for (const std::string name : {"eq", "ne", "contains", "startsWith", "endsWith", "gt", "gte",
                                 "lt", "lte", "in", "notIn"}) {
    CHECK(refusalOf("{\"name\": {\"operator\": \"" + name + "\"}}") ==
          "filters.name.value is missing");
  }
}

TEST_CASE("values have the type of their field") {
  CHECK(refusalOf(R"({"name": 1})") == "filters.name must be compared with text");
  CHECK(refusalOf(R"({"name": true})") == "filters.name must be compared with text");
  CHECK(refusalOf(R"({"size": "1"})") == "filters.size must be compared with a number");
  CHECK(refusalOf(R"({"price": false})") == "filters.price must be compared with a number");
  CHECK(refusalOf(R"({"name": ["a", 1]})") == "filters.name must be compared with text");
  CHECK(refusalOf(R"({"size": [[1]]})") == "filters.size must be compared with a number");
  for (const std::string name : {"eq", "ne", "gt", "gte", "lt", "lte"}) {
    for (const std::string value : {"1", "true", "[\"a\"]", "{}"}) {
      CHECK(refusalOf("name", name, value) == "filters.name must be compared with text");
    }
    for (const std::string value : {"\"1\"", "true", "[1]", "{}"}) {
      CHECK(refusalOf("size", name, value) == "filters.size must be compared with a number");
    }
  }
}

TEST_CASE("nothing is more or less than null") {
  for (const std::string name : {"gt", "gte", "lt", "lte"}) {
    CHECK(refusalOf("size", name, "null") == "filters.size cannot be more or less than null");
  }
}

TEST_CASE("in and notIn take lists, and not too long ones") {
  for (const std::string name : {"in", "notIn"}) {
    for (const std::string value : {"\"a\"", "null", "{}"}) {
      CHECK(refusalOf("name", name, value) == "filters.name must be compared with a list");
    }
  }
  const auto list = [](std::size_t count) {
    std::string text = "[0";
    for (std::size_t i = 1; i < count; ++i) text += "," + std::to_string(i);
    return text + "]";
  };
  CHECK(only("{\"size\": " + list(1000) + "}").values.size() == 1000);
  CHECK(refusalOf("{\"size\": " + list(1001) + "}") ==
        "filters.size must list at most 1000 values");
}

TEST_CASE("text operations are for text, and their value is folded") {
  for (const std::string name : {"contains", "startsWith", "endsWith"}) {
    CHECK(operation("name", name, ", \"value\": \"Ab\"").values == Values{"ab"});
    CHECK(refusalOf("size", name, "\"1\"") ==
          "filters.size is a number and cannot be searched as text");
    for (const std::string value : {"1", "null", "[\"a\"]"}) {
      CHECK(refusalOf("name", name, value) == "filters.name must be compared with text");
    }
  }
}

TEST_CASE("a search looks into every text field") {
  const query::Filter filter = only(R"({"search": "STRASSE"})");
  CHECK(filter.operation == query::Operator::contains);
  CHECK(filter.values == Values{"strasse"});
  REQUIRE(filter.fields.size() == 2);
  CHECK(filter.fields[0].name == "id");
  CHECK(filter.fields[1].name == "name");
  for (const std::string value : {"1", "null", "[\"a\"]", R"({"operator": "eq", "value": "a"})"}) {
    CHECK(refusalOf("{\"search\": " + value + "}") == "filters.search must be a string");
  }
}

TEST_CASE("a search may look into messages too, and keeps the text as it was written") {
  const query::Filter filter = only(R"({"search": "STRASSE", "searchIn": "messages"})");
  CHECK(filter.operation == query::Operator::contains);
  CHECK(filter.values == Values{"strasse"});
  CHECK(filter.inMessages == "STRASSE");
  CHECK_FALSE(only(R"({"search": "a"})").inMessages);
  CHECK_FALSE(only(R"({"search": "a", "searchIn": null})").inMessages);
}

TEST_CASE("searchIn touches no other filter") {
  const query::Filters filters = parse(R"({"name": "a", "search": "b", "searchIn": "messages"})");
  REQUIRE(filters.size() == 2);
  CHECK_FALSE(filters[0]->inMessages);
  CHECK(filters[1]->inMessages == "b");
}

TEST_CASE("searchIn is messages or nothing, and stands beside a search") {
  for (const std::string value :
       {"\"\"", "\"Messages\"", "\"fields\"", "[\"messages\"]", "{}", "1", "true"}) {
    CHECK(refusalOf("{\"search\": \"a\", \"searchIn\": " + value + "}") ==
          "filters.searchIn must be \"messages\"");
  }
  CHECK(refusalOf(R"({"searchIn": "messages"})") == "filters.searchIn needs filters.search");
  CHECK(refusalOf(R"({"search": 1, "searchIn": "messages"})") == "filters.search must be a string");
  CHECK(refusalOf(R"({"search": null, "searchIn": "messages"})") ==
        "filters.search must be a string");
  CHECK(parse(R"({"searchIn": null})").empty());
}

}  // namespace
}  // namespace chatbot
