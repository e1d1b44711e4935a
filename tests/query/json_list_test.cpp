#include "query/json_list.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace chatbot {
namespace {

using Texts = std::vector<std::string_view>;

TEST_CASE("an empty list has no elements") {
  CHECK(query::splitList("[]").empty());
  CHECK(query::splitList(" [ \n\t] ").empty());
}

TEST_CASE("elements come as they were written, without the white space around them") {
  CHECK(query::splitList("[1]") == Texts{"1"});
  CHECK(query::splitList(" [ 1.50 , null,\ttrue\n, \"a\" ]\r\n") ==
        Texts{"1.50", "null", "true", "\"a\""});
  CHECK(query::splitList("[{\"b\": 1,  \"a\" : [ ]}, [ ]]") ==
        Texts{"{\"b\": 1,  \"a\" : [ ]}", "[ ]"});
}

TEST_CASE("nested lists and objects are not split") {
  CHECK(query::splitList("[[1,2],[[],[3]]]") == Texts{"[1,2]", "[[],[3]]"});
  CHECK(query::splitList("[{\"a\":[1,{\"b\":[2,3]}]},4]") ==
        Texts{"{\"a\":[1,{\"b\":[2,3]}]}", "4"});
}

TEST_CASE("brackets, commas and quotes in strings are text") {
  CHECK(query::splitList(R"(["],[", "}{", "\"],", "\\", "\\\""])") ==
        Texts{R"("],[")", R"("}{")", R"("\"],")", R"("\\")", R"("\\\"")"});
  CHECK(query::splitList(R"([{"a]":"[","b}":"{"},""])") ==
        Texts{R"({"a]":"[","b}":"{"})", R"("")"});
}

TEST_CASE("a byte order mark is no element") {
  CHECK(query::splitList("\xEF\xBB\xBF[7]") == Texts{"7"});
}

}  // namespace
}  // namespace chatbot
