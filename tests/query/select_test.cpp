#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "chatbot/query.h"
#include "support/refusal.h"

namespace chatbot {
namespace {

using Ids = std::vector<std::string>;

const Schema& schema() {
  static const Schema made =
      parseSchema(R"({"id": "text", "name": "text", "size": "integer", "price": "real"})");
  return made;
}

constexpr const char* kRows = R"([
  {"id": "d", "name": "Delta",  "size": 2,    "price": 0.5},
  {"id": "a", "name": "alpha",  "size": null, "price": 2},
  {"id": "c", "name": null,     "size": 2.0},
  {"id": "b", "name": "Straße", "size": 9007199254740993, "price": -1e3}])";

Ids idsOf(const std::string& result) {
  Ids ids;
  const auto page = nlohmann::json::parse(result);
  for (const auto& row : page["items"]) ids.push_back(row["id"]);
  return ids;
}

Ids selected(std::string_view params) { return idsOf(select(kRows, schema(), params)); }

Ids filtered(const std::string& filters) { return selected("{\"filters\": " + filters + "}"); }

Ids sorted(const std::string& sort) { return selected("{\"sort\": " + sort + "}"); }

std::string refusalOf(std::string_view rows, std::string_view params = "{}") {
  return test::refusalOf([&] { select(rows, schema(), params); });
}

TEST_CASE("without sort and filters all rows come in their order") {
  CHECK(selected("{}") == Ids{"d", "a", "c", "b"});
  CHECK(selected(R"({"sort": [], "filters": {}})") == Ids{"d", "a", "c", "b"});
}

TEST_CASE("rows come back as they were written") {
  const std::string row = R"({ "id":"x",  "extra": [1, {"a]": "}"}], "on": true, "size": 1.50})";
  CHECK(select("[ " + row + " ]", schema(), "{}") ==
        "{\"items\":[" + row +
            "],\"pagination\":{\"currentPage\":1,\"pageSize\":20,\"totalItems\":1,"
            "\"totalPages\":1,\"sort\":[],\"filters\":null}}");
}

TEST_CASE("no rows make no pages") {
  CHECK(select("[]", schema(), R"({"page": 3})") ==
        "{\"items\":[],\"pagination\":{\"currentPage\":3,\"pageSize\":20,\"totalItems\":0,"
        "\"totalPages\":0,\"sort\":[],\"filters\":null}}");
}

TEST_CASE("a page is a part of the rows that fit") {
  CHECK(selected(R"({"page": 1, "pageSize": 3})") == Ids{"d", "a", "c"});
  CHECK(selected(R"({"page": 2, "pageSize": 3})") == Ids{"b"});
  CHECK(selected(R"({"page": 3, "pageSize": 3})").empty());
  CHECK(selected(R"({"page": 9223372036854775807, "pageSize": 1000})").empty());
  const auto result =
      nlohmann::json::parse(select(kRows, schema(), R"({"pageSize": 1, "filters": {"size": 2}})"));
  CHECK(result["pagination"]["totalItems"] == 2);
  CHECK(result["pagination"]["totalPages"] == 2);
  CHECK(result["items"].size() == 1);
}

TEST_CASE("nulls are last in either direction, and ids break ties") {
  CHECK(sorted(R"([{"field": "size"}])") == Ids{"c", "d", "b", "a"});
  CHECK(sorted(R"([{"field": "size", "direction": "desc"}])") == Ids{"b", "c", "d", "a"});
  CHECK(sorted(R"([{"field": "price"}])") == Ids{"b", "d", "a", "c"});
  CHECK(sorted(R"([{"field": "size"}, {"field": "price"}])") == Ids{"d", "c", "b", "a"});
  CHECK(sorted(R"([{"field": "id", "direction": "desc"}])") == Ids{"d", "c", "b", "a"});
}

TEST_CASE("text sorts by code point") {
  const Schema onlyId = parseSchema(R"({"id": "text"})");
  const std::string rows =
      R"([{"id": "a"}, {"id": "\ud83d\ude00"}, {"id": "Z"}, {"id": "\ufffd"}, {"id": "\u00e4"}])";
  CHECK(idsOf(select(rows, onlyId, R"({"sort": [{"field": "id"}]})")) ==
        Ids{"Z", "a", "ä", "\uFFFD", "\U0001F600"});
}

TEST_CASE("rows that nothing tells apart keep their order") {
  const std::string rows = R"([{"id": "a", "name": "2"}, {"name": "x", "size": 1},
                               {"id": "a", "name": "1"}, {"name": "y", "size": 1}])";
  const auto result = nlohmann::json::parse(
      select(rows, schema(), R"({"sort": [{"field": "size", "direction": "desc"}]})"));
  Ids names;
  for (const auto& row : result["items"]) names.push_back(row["name"]);
  CHECK(names == Ids{"x", "y", "2", "1"});
}

TEST_CASE("all filters must hold") {
  CHECK(filtered(R"({"size": 2})") == Ids{"d", "c"});
  CHECK(filtered(R"({"size": 2, "name": null})") == Ids{"c"});
  CHECK(filtered(R"({"size": 2, "id": "a"})").empty());
  CHECK(filtered(R"({"size": {"operator": "ne", "value": 2}})") == Ids{"a", "b"});
  CHECK(filtered(R"({"size": {"operator": "notIn", "value": [2, null]}})") == Ids{"b"});
  CHECK(filtered(R"({"price": {"operator": "lt", "value": 1}})") == Ids{"d", "b"});
}

TEST_CASE("an absent field is null") {
  CHECK(filtered(R"({"price": null})") == Ids{"c"});
  CHECK(filtered(R"({"price": {"operator": "isNotNull"}})") == Ids{"d", "a", "b"});
}

TEST_CASE("integers that no real can hold are compared exactly") {
  CHECK(filtered(R"({"size": 9007199254740993})") == Ids{"b"});
  CHECK(filtered(R"({"size": 9007199254740992})").empty());
  CHECK(filtered(R"({"size": {"operator": "gt", "value": 9007199254740992.0}})") == Ids{"b"});
}

TEST_CASE("a search looks into every text field and ignores case") {
  CHECK(filtered(R"({"search": "LPH"})") == Ids{"a"});
  CHECK(filtered(R"({"search": "C"})") == Ids{"c"});
  CHECK(filtered(R"({"search": "a"})") == Ids{"d", "a", "b"});
  CHECK(filtered(R"({"search": "9007"})").empty());
  CHECK(filtered(R"({"search": ""})") == Ids{"d", "a", "c", "b"});
}

TEST_CASE("a workflow without maxSteps has ten") {
  const std::string rows = R"([{"id": "a", "maxSteps": 11}, {"id": "b"},
                               {"id": "c", "maxSteps": null}, {"id": "d", "maxSteps": 9}])";
  const auto ids = [&](const char* params) {
    return idsOf(select(rows, workflowSchema(), params));
  };
  CHECK(ids(R"({"filters": {"maxSteps": 10}})") == Ids{"b", "c"});
  CHECK(ids(R"({"filters": {"maxSteps": null}})").empty());
  CHECK(ids(R"({"sort": [{"field": "maxSteps"}]})") == Ids{"d", "b", "c", "a"});
}

TEST_CASE("rows that do not fit are refused, and the row and the field are named") {
  CHECK(refusalOf("") == "rows must be valid JSON");
  CHECK(refusalOf("[{]") == "rows must be valid JSON");
  CHECK(refusalOf("{}") == "rows must be a list");
  CHECK(refusalOf("null") == "rows must be a list");
  CHECK(refusalOf("[{}, 7]") == "rows[1] must be an object");
  CHECK(refusalOf("[{}, []]") == "rows[1] must be an object");
  CHECK(refusalOf(R"([{"name": 7}])") == "rows[0].name must be text or null");
  CHECK(refusalOf(R"([{}, {}, {"size": "7"}])") == "rows[2].size must be a number or null");
  CHECK(refusalOf(R"([{"price": true}])") == "rows[0].price must be a number or null");
  CHECK(refusalOf(R"([{"id": {}}])") == "rows[0].id must be text or null");
}

TEST_CASE("a row that the filters leave out must fit the schema too") {
  CHECK(refusalOf(R"([{"id": "a", "size": []}])", R"({"filters": {"id": "b"}})") ==
        "rows[0].size must be a number or null");
}

TEST_CASE("fields outside the schema cannot be asked for") {
  const std::string rows = R"([{"id": "a", "secret": "x"}])";
  CHECK(refusalOf(rows, R"({"filters": {"secret": "x"}})") == "filters: unknown field \"secret\"");
  CHECK(refusalOf(rows, R"({"sort": [{"field": "secret"}]})") ==
        "sort[0].field: unknown field \"secret\"");
  CHECK(idsOf(select(rows, schema(), R"({"filters": {"search": "x"}})")).empty());
}

// The ids on each page of a walk from cursor to cursor, and the numbers of the pages.
std::vector<Ids> walk(const std::string& params, std::vector<std::int64_t>& numbers) {
  std::vector<Ids> pages;
  auto asked = nlohmann::json::parse(params);
  for (;;) {
    const std::string result = select(kRows, schema(), asked.dump());
    pages.push_back(idsOf(result));
    const auto pagination = nlohmann::json::parse(result)["pagination"];
    numbers.push_back(pagination["currentPage"]);
    if (!pagination.contains("nextCursor")) return pages;
    asked.erase("page");
    asked["cursor"] = pagination["nextCursor"];
  }
}

TEST_CASE("pages by cursor follow each other to the last one") {
  std::vector<std::int64_t> numbers;
  CHECK(walk(R"({"pageSize": 2, "sort": [{"field": "size", "direction": "desc"}]})", numbers) ==
        std::vector<Ids>{{"b", "c"}, {"d", "a"}});
  CHECK(numbers == std::vector<std::int64_t>{1, 2});
  numbers.clear();
  CHECK(walk(R"({"page": 2, "pageSize": 1, "sort": [{"field": "name"}]})", numbers) ==
        std::vector<Ids>{{"b"}, {"a"}, {"c"}});
  CHECK(numbers == std::vector<std::int64_t>{2, 3, 4});
}

TEST_CASE("a cursor goes on after rows that have gone, and before rows that have come") {
  const std::string params = R"({"pageSize": 2, "sort": [{"field": "id"}]})";
  auto asked = nlohmann::json::parse(params);
  asked["cursor"] =
      nlohmann::json::parse(select(kRows, schema(), params))["pagination"]["nextCursor"];
  const auto next = [&](const char* rows) { return idsOf(select(rows, schema(), asked.dump())); };
  CHECK(next(R"([{"id": "a"}, {"id": "c"}, {"id": "d"}])") == Ids{"c", "d"});
  CHECK(next(R"([{"id": "b"}, {"id": "bb"}, {"id": "z"}])") == Ids{"bb", "z"});
  CHECK(next(R"([{"id": "a"}])").empty());
}

TEST_CASE("a cursor of another sort or other filters is refused") {
  const std::string first =
      select(kRows, schema(), R"({"pageSize": 2, "sort": [{"field": "id"}]})");
  const std::string cursor = nlohmann::json::parse(first)["pagination"]["nextCursor"];
  const auto asked = [&](const std::string& rest) {
    return refusalOf(kRows, "{\"cursor\": \"" + cursor + "\"" + rest + "}");
  };
  const std::string foreign = "cursor: it was not made for this caller, sort and filters";
  CHECK(asked(R"(, "sort": [{"field": "id"}])") == "accepted");
  CHECK(asked(R"(, "sort": [{"field": "name"}])") == foreign);
  CHECK(asked(R"(, "sort": [{"field": "id"}], "filters": {"name": "x"})") == foreign);
  CHECK(asked("") == "cursor: rows without a sort have none");
  CHECK(asked(R"(, "page": 1)") == "page and cursor exclude each other");
}

TEST_CASE("parameters that do not fit are refused") {
  CHECK(refusalOf("[]", "") == "not valid JSON");
  CHECK(refusalOf("[]", "[]") == "must be an object");
  CHECK(refusalOf("[]", R"({"cursor": 1})") == "cursor must be a string");
  CHECK(refusalOf("[]", R"({"cursor": ""})") == "cursor must be the nextCursor of an earlier page");
  CHECK(refusalOf("[]", R"({"page": 0})") ==
        "page must be an integer from 1 to 9223372036854775807");
}

TEST_CASE("rows in memory have no messages to be searched") {
  const std::string params = R"({"filters": {"search": "a", "searchIn": "messages"}})";
  CHECK(refusalOf("[]", params) == "filters.searchIn: these rows have no messages");
}

}  // namespace
}  // namespace chatbot
