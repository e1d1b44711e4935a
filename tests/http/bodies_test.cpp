#include "http/bodies.h"

#include <doctest/doctest.h>

#include "chatbot/http.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::http;

namespace {

std::string refusalOf(std::string_view json) {
  return test::refusalOf([&] { parsePagination(json); });
}

Workflow named(const std::string& name) {
  Workflow workflow;
  workflow.name = name;
  return workflow;
}

}  // namespace

TEST_CASE("no pagination asks for all threads") {
  for (const char* json : {"", "null", "{}", " null ", " { } ", "\n{\t}\r\n", "      null      ",
                           "{              }"}) {
    CAPTURE(json);
    CHECK_FALSE(parsePagination(json));
  }
}

TEST_CASE("anything else asks for a page") {
  const std::optional<PageQuery> query = parsePagination(R"({"page": 3, "pageSize": 7})");
  REQUIRE(query);
  CHECK(query->page() == 3);
  CHECK(query->pageSize() == 7);
  CHECK(parsePagination(R"({"page": 1})"));
  CHECK(parsePagination(R"({"x":null})"));
  CHECK(parsePagination(std::string(100, ' ') + "{}"));
}

TEST_CASE("pagination that does not fit is named as what it is") {
  CHECK(refusalOf("x") == "Invalid pagination parameter: not valid JSON");
  CHECK(refusalOf("nul") == "Invalid pagination parameter: not valid JSON");
  CHECK(refusalOf("\xFF") == "Invalid pagination parameter: not valid JSON");
  CHECK(refusalOf("[]") == "Invalid pagination parameter: must be an object");
  CHECK(refusalOf("false") == "Invalid pagination parameter: must be an object");
  CHECK(refusalOf(R"({"page": 0})")
            .starts_with("Invalid pagination parameter: page must be an integer from 1"));
  CHECK(refusalOf(R"({"sort": [{"field": "nope"}]})")
            .starts_with("Invalid pagination parameter: sort[0].field: unknown field"));
}

TEST_CASE("a page of threads") {
  CHECK(listBody({}, "{\"currentPage\":1}") == R"({"items":[],"pagination":{"currentPage":1}})");
  const std::vector<Workflow> two = {named("a"), named("b")};
  CHECK(listBody(two, "{}") ==
        "{\"items\":[" + toJson(two[0]) + "," + toJson(two[1]) + "],\"pagination\":{}}");
}

TEST_CASE("all threads are one page") {
  CHECK(allBody({}) == R"({"items":[],"pagination":{"currentPage":1,"pageSize":0,"totalItems":0,)"
                       R"("totalPages":1,"sort":[],"filters":null}})");
  const std::vector<Workflow> two = {named("a"), named("b")};
  CHECK(allBody(two) == "{\"items\":[" + toJson(two[0]) + "," + toJson(two[1]) +
                            R"(],"pagination":{"currentPage":1,"pageSize":2,"totalItems":2,)"
                            R"("totalPages":1,"sort":[],"filters":null}})");
}

TEST_CASE("a fault is shown by its id, and whether the change may have been taken") {
  CHECK(faultBody("7", ErrorCode::internal) == R"({"detail":"Internal error 7"})");
  CHECK(faultBody("7", ErrorCode::outcomeUnknown) ==
        R"({"detail":"Internal error 7: the change may have been taken"})");
}

TEST_CASE("a thread with its items, as they are stored") {
  Tail tail;
  tail.workflow = named("a");
  const std::string head = "{\"workflow\":" + toJson(tail.workflow) + ",\"chatData\":{\"items\":[";
  CHECK(detailBody(tail) == head + "]}}");
  tail.items = {{1, 1, R"({"one":1})"}, {2, std::nullopt, R"({"two":2})"}};
  CHECK(detailBody(tail) == head + R"({"one":1},{"two":2}]}})");
}
