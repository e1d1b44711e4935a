#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "chatbot/query.h"
#include "support/memory_database.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr const char* kPageRule = "page must be an integer from 1 to 9223372036854775807";
constexpr const char* kPageSizeRule = "pageSize must be an integer from 1 to 1000";

PageQuery parse(std::string_view json) { return PageQuery::parse(json, workflowSchema()); }

std::string refusalOf(std::string_view json) {
  return test::refusalOf([&] { parse(json); });
}

std::vector<SortKey> newestActivity() {
  return {{*findField(workflowSchema(), "lastActivity"), true}};
}

std::string orderOf(std::string_view json) { return parse(json).orderBy(newestActivity()); }

TEST_CASE("everything has a default") {
  const PageQuery query = parse("{}");
  CHECK(query.page() == 1);
  CHECK(query.pageSize() == 20);
  CHECK(query.offset() == 0);
  CHECK_FALSE(query.hasSort());
  CHECK_FALSE(query.hasFilters());
  CHECK(query.sortJson() == "[]");
  CHECK(query.filtersJson() == "null");
  CHECK(query.where().text == "TRUE");
  CHECK(query.where().values.empty());
}

TEST_CASE("null for sort and filters is as good as none") {
  const PageQuery query = parse(R"({"sort": null, "filters": null})");
  CHECK_FALSE(query.hasSort());
  CHECK_FALSE(query.hasFilters());
  CHECK(query.sortJson() == "[]");
  CHECK(query.filtersJson() == "null");
}

TEST_CASE("unknown keys are ignored") {
  const PageQuery query =
      parse(R"({"page": 2, "Cursor": "x", "Page": 7, "sort": [{"field": "id", "nulls": 1}]})");
  CHECK(query.page() == 2);
  CHECK(query.hasSort());
}

TEST_CASE("the offset is the number of rows before the page, and never overflows") {
  CHECK(parse(R"({"page": 3, "pageSize": 7})").offset() == 14);
  CHECK(parse(R"({"page": 9223372036854775807, "pageSize": 1})").offset() == kLargest - 1);
  CHECK(parse(R"({"page": 9223372036854775807, "pageSize": 1000})").offset() == kLargest);
  CHECK(parse(R"({"page": 9223372036854776, "pageSize": 1000})").offset() == 9223372036854775000);
  CHECK(parse(R"({"page": 9223372036854777, "pageSize": 1000})").offset() == kLargest);
}

TEST_CASE("parameters that are no object are refused") {
  for (const std::string_view json : {"", " ", "{", "{'page': 1}", "{\"page\": 1}}", "NaN",
                                      "{\"page\": \"\xFF\"}", "{\"page\": 1e400}"}) {
    CHECK(refusalOf(json) == "not valid JSON");
  }
  CHECK(refusalOf(std::string(10000, '[')) == "not valid JSON");
  CHECK(refusalOf(std::string(10000, '[') + std::string(10000, ']')) == "not valid JSON");
  for (const std::string_view json : {"[]", "[1]", "5", "\"page\"", "true", "null"}) {
    CHECK(refusalOf(json) == "must be an object");
  }
}

TEST_CASE("page and pageSize are integers within bounds") {
  CHECK(parse(R"({"page": 1, "pageSize": 1})").pageSize() == 1);
  CHECK(parse(R"({"pageSize": 1000})").pageSize() == 1000);
  CHECK(parse(R"({"page": 9223372036854775807})").page() == kLargest);
  for (const std::string value :
       {"0", "-1", "-9223372036854775808", "9223372036854775808", "18446744073709551616", "1.0",
        "1.5", "1e3", "\"1\"", "true", "null", "[1]", "{}"}) {
    CHECK(refusalOf("{\"page\": " + value + "}") == kPageRule);
    CHECK(refusalOf("{\"pageSize\": " + value + "}") == kPageSizeRule);
  }
  CHECK(refusalOf(R"({"pageSize": 1001})") == kPageSizeRule);
  CHECK(refusalOf(R"({"pageSize": 2147483648})") == kPageSizeRule);
}

TEST_CASE("a sort that does not fit is refused, and the entry is named") {
  CHECK(refusalOf(R"({"sort": {}})") == "sort must be a list");
  CHECK(refusalOf(R"({"sort": "name"})") == "sort must be a list");
  CHECK(refusalOf(R"({"sort": ["name"]})") == "sort[0] must be an object");
  CHECK(refusalOf(R"({"sort": [{"field": "id"}, null]})") == "sort[1] must be an object");
  CHECK(refusalOf(R"({"sort": [{}]})") == "sort[0].field must be the name of a field");
  CHECK(refusalOf(R"({"sort": [{"field": 1}]})") == "sort[0].field must be the name of a field");
  CHECK(refusalOf(R"({"sort": [{"direction": "asc"}]})") ==
        "sort[0].field must be the name of a field");
  CHECK(refusalOf(R"({"sort": [{"field": "id"}, {"field": "createdBy"}]})") ==
        "sort[1].field: unknown field \"createdBy\"");
  CHECK(refusalOf(R"({"sort": [{"field": "id; DROP TABLE workflow"}]})") ==
        "sort[0].field: unknown field \"id; DROP TABLE workflow\"");
  for (const std::string direction : {"\"ASC\"", "\"descending\"", "\"\"", "1", "true", "[]"}) {
    CHECK(refusalOf(R"({"sort": [{"field": "id", "direction": )" + direction + "}]}") ==
          "sort[0].direction must be \"asc\" or \"desc\"");
  }
}

TEST_CASE("a client's text in a message is on one line and cut") {
  CHECK(refusalOf(R"({"sort": [{"field": "a\nb\u0000\""}]})") ==
        "sort[0].field: unknown field \"a\\nb\\u0000\\\"\"");
  std::string umlauts;
  for (int i = 0; i < 60; ++i) umlauts += "ä";
  CHECK(refusalOf("{\"sort\": [{\"field\": \"" + umlauts + "more\"}]}") ==
        "sort[0].field: unknown field \"" + umlauts + "\"");
}

TEST_CASE("without a sort the fallback orders, and ids break its ties") {
  CHECK(orderOf("{}") == "lastActivity DESC, id");
  CHECK(orderOf(R"({"sort": []})") == "lastActivity DESC, id");
  CHECK(parse("{}").orderBy({}) == "id");
}

TEST_CASE("a sort takes the place of the fallback") {
  CHECK(orderOf(R"({"sort": [{"field": "name"}]})") == "name, id");
  CHECK(orderOf(R"({"sort": [{"field": "_createdBy", "direction": "desc"},
                             {"field": "maxSteps", "direction": "asc"}]})") ==
        "createdBy DESC, coalesce(maxSteps, 10), id");
}

TEST_CASE("ids break no ties where the sort names them") {
  CHECK(orderOf(R"({"sort": [{"field": "id", "direction": "desc"}]})") == "id DESC");
  CHECK(orderOf(R"({"sort": [{"field": "id"}, {"field": "name"}]})") == "id");
}

TEST_CASE("a field that is named again changes nothing") {
  std::string sort = R"({"field": "name", "direction": "desc"})";
  for (int i = 0; i < 3000; ++i) sort += R"(,{"field": "name"})";
  CHECK(orderOf("{\"sort\": [" + sort + "]}") == "name DESC, id");
}

TEST_CASE("a field that may be null has its nulls last in either direction") {
  const Schema schema = parseSchema(R"({"id": "text", "rank": "integer"})");
  const auto order = [&](const char* json) { return PageQuery::parse(json, schema).orderBy({}); };
  CHECK(order(R"({"sort": [{"field": "rank"}]})") ==
        "\"rank\" IS NULL, \"rank\", \"id\" IS NULL, \"id\"");
  CHECK(order(R"({"sort": [{"field": "rank", "direction": "desc"}, {"field": "id"}]})") ==
        "\"rank\" IS NULL, \"rank\" DESC, \"id\" IS NULL, \"id\"");
}

TEST_CASE("an index serves the default order of workflows") {
  test::MemoryDatabase database;
  database.run("CREATE TABLE workflow (id TEXT, mandateId TEXT, lastActivity REAL)");
  database.run("CREATE INDEX newest ON workflow (mandateId, lastActivity DESC, id)");
  const std::vector<std::string> plan = database.run(
      "EXPLAIN QUERY PLAN SELECT id FROM workflow WHERE mandateId = 'm' ORDER BY " + orderOf("{}"));
  CHECK(plan ==
        std::vector<std::string>{"SEARCH workflow USING COVERING INDEX newest (mandateId=?)"});
}

TEST_CASE("every row, in an order of one's own") {
  const PageQuery query = PageQuery::everything(workflowSchema(), newestActivity());
  CHECK(query.orderBy({}) == "lastActivity DESC, id");
  CHECK(query.where().text == "TRUE");
  CHECK(query.sortJson() == "[]");
  CHECK(query.filtersJson() == "null");
  CHECK(PageQuery::everything(workflowSchema()).orderBy(newestActivity()) ==
        "lastActivity DESC, id");
}

TEST_CASE("a schema without id is refused") {
  const Schema schema = {{"name", "name"}};
  CHECK(test::refusalOf([&] { PageQuery::parse("{}", schema); }) ==
        "schema must have a field named \"id\"");
  CHECK(test::refusalOf([&] { PageQuery::everything(schema); }) ==
        "schema must have a field named \"id\"");
}

TEST_CASE("the answer repeats what the client sent") {
  const PageQuery query = parse(R"({"page": 2, "pageSize": 5,
      "sort": [{"field": "name"}, {"direction": "desc", "field": "name"}],
      "filters": {"status": ["running", null], "currentRound": {"operator": "gt", "value": 1.5}}})");
  CHECK(query.sortJson() ==
        R"([{"field":"name","direction":"asc"},{"field":"name","direction":"desc"}])");
  CHECK(query.filtersJson() ==
        R"({"currentRound":{"operator":"gt","value":1.5},"status":["running",null]})");
  CHECK(paginationJson(query, {.page = query.page(), .totalItems = 11, .nextCursor = "c"}) ==
        R"({"currentPage":2,"pageSize":5,"totalItems":11,"totalPages":3,)"
        R"("sort":[{"field":"name","direction":"asc"},{"field":"name","direction":"desc"}],)"
        R"("filters":{"currentRound":{"operator":"gt","value":1.5},"status":["running",null]},)"
        R"("nextCursor":"c"})");
}

TEST_CASE("there are as many pages as it takes, and none without items") {
  const auto pages = [](std::int64_t items) {
    const std::string json =
        paginationJson(parse(R"({"pageSize": 5})"), {.totalItems = items, .nextCursor = {}});
    const std::size_t start = json.find("\"totalPages\":") + 13;
    return json.substr(start, json.find(',', start) - start);
  };
  CHECK(pages(0) == "0");
  CHECK(pages(1) == "1");
  CHECK(pages(5) == "1");
  CHECK(pages(6) == "2");
  CHECK(pages(kLargest) == "1844674407370955162");
}

TEST_CASE("all filters must hold, and their values are bound in the order of their marks") {
  const SqlCondition where = parse(R"({"filters": {
      "search": "Ab", "status": ["stopped", "error"], "name": {"operator": "ne", "value": "x'; --"},
      "currentRound": {"operator": "gte", "value": 2}}})")
                                 .where();
  CHECK(where.text ==
        "currentRound >= ? AND name <> ? AND (chatbot_contains(id, ?) OR "
        "chatbot_contains(mandateId, ?) OR chatbot_contains(name, ?) OR "
        "chatbot_contains(status, ?) OR chatbot_contains(workflowMode, ?) OR "
        "chatbot_contains(createdBy, ?)) AND status IN (?, ?)");
  CHECK(where.values == std::vector<SqlValue>{std::int64_t{2}, "x'; --", "ab", "ab", "ab", "ab",
                                              "ab", "ab", "error", "stopped"});
}

TEST_CASE("a search in messages is a condition that the caller makes, and is shown again") {
  const PageQuery query =
      parse(R"({"filters": {"search": "Ab", "searchIn": "messages", "status": "error"}})");
  const SqlCondition where = query.where([](std::string_view text) {
    return SqlCondition{"said(?, id)", {std::string(text)}};
  });
  CHECK(where.text.ends_with("chatbot_contains(createdBy, ?) OR said(?, id)) AND status = ?"));
  CHECK(where.values == std::vector<SqlValue>{"ab", "ab", "ab", "ab", "ab", "ab", "Ab", "error"});
  CHECK(query.filtersJson() == R"({"search":"Ab","searchIn":"messages","status":"error"})");
  CHECK(test::refusalOf([&] { static_cast<void>(query.where()); }) ==
        "filters.searchIn: these rows have no messages");
}

TEST_CASE("a copy of a query means the same") {
  PageQuery copy = parse("{}");
  {
    const PageQuery query = parse(R"({"filters": {"name": "a"}, "sort": [{"field": "name"}]})");
    copy = query;
  }
  CHECK(copy.where().values == std::vector<SqlValue>{"a"});
  CHECK(copy.orderBy({}) == "name, id");
}

}  // namespace
}  // namespace chatbot
