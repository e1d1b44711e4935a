#include "base/json_input.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace chatbot;
using namespace chatbot::base;

namespace {

// `value` inside of `depth` lists.
std::string nested(int depth, const std::string& value) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + value + std::string(count, ']');
}

std::string nestedObjects(int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += "{\"a\":";
  return out + "1" + std::string(static_cast<std::size_t>(depth), '}');
}

bool walks(std::string_view text) {
  JsonWalker walker;
  return walkJson(text, walker);
}

using Texts = std::vector<std::string_view>;

TEST_CASE("an empty list has no elements") {
  CHECK(base::splitList("[]").empty());
  CHECK(base::splitList(" [ \n\t] ").empty());
}

TEST_CASE("elements come as they were written, without the white space around them") {
  CHECK(base::splitList("[1]") == Texts{"1"});
  CHECK(base::splitList(" [ 1.50 , null,\ttrue\n, \"a\" ]\r\n") ==
        Texts{"1.50", "null", "true", "\"a\""});
  CHECK(base::splitList("[{\"b\": 1,  \"a\" : [ ]}, [ ]]") ==
        Texts{"{\"b\": 1,  \"a\" : [ ]}", "[ ]"});
}

TEST_CASE("nested lists and objects are not split") {
  CHECK(base::splitList("[[1,2],[[],[3]]]") == Texts{"[1,2]", "[[],[3]]"});
  CHECK(base::splitList("[{\"a\":[1,{\"b\":[2,3]}]},4]") ==
        Texts{"{\"a\":[1,{\"b\":[2,3]}]}", "4"});
}

TEST_CASE("brackets, commas and quotes in strings are text") {
  CHECK(base::splitList(R"(["],[", "}{", "\"],", "\\", "\\\""])") ==
        Texts{R"("],[")", R"("}{")", R"("\"],")", R"("\\")", R"("\\\"")"});
  CHECK(base::splitList(R"([{"a]":"[","b}":"{"},""])") == Texts{R"({"a]":"[","b}":"{"})", R"("")"});
}

TEST_CASE("a byte order mark is no element") {
  CHECK(base::splitList("\xEF\xBB\xBF[7]") == Texts{"7"});
}

}  // namespace

TEST_CASE("JSON is read") {
  const std::optional<Json> value = parseJson(R"( {"a": [1, 2.5, "\u00e9", null, true]} )");
  REQUIRE(value);
  CHECK(value->dump() == "{\"a\":[1,2.5,\"\xC3\xA9\",null,true]}");
  CHECK(parseJson("null")->is_null());
  CHECK(parseJson("\"\\u0000\"")->get<std::string>() == std::string(1, '\0'));
  CHECK(parseJson(R"("\ud83d\ude00")")->get<std::string>() == "\xF0\x9F\x98\x80");
}

TEST_CASE("text that is not JSON is nothing") {
  for (const char* text :
       {"",          " ",         "{",        "[1,]",        "{\"a\":1,}", "{a:1}",   "'a'",
        "nul",       "NaN",       "Infinity", "-Infinity",   "[NaN]",      "01",      "+1",
        "1.",        ".5",        "0x10",     "1 2",         "{} []",      "// c\n1", "\"a\nb\"",
        "\"\\x41\"", "\"\\u12\"", "\"open",   "prompt=x&y=z"}) {
    CAPTURE(text);
    CHECK_FALSE(parseJson(text));
    CHECK_FALSE(walks(text));
  }
  for (const std::string_view text :
       {std::string_view("1\0", 2), std::string_view("\"a\0b\"", 5)}) {
    CHECK_FALSE(parseJson(text));
    CHECK_FALSE(walks(text));
  }
}

TEST_CASE("text that is no UTF-8 and half a surrogate pair are nothing") {
  for (const char* text :
       {"\"\xFF\"", "\"\x80\"", "\"\xC3\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"", "{\"\xFE\":1}", R"("\ud83d")", R"("\ude00")", R"("\ud83dx")"}) {
    CAPTURE(text);
    CHECK_FALSE(parseJson(text));
  }
}

TEST_CASE("a number that no double can hold is refused, and tiny ones are zero") {
  CHECK_FALSE(parseJson("1e400"));
  CHECK_FALSE(parseJson("[-1e400]"));
  CHECK(parseJson("1e308")->get<double>() == 1e308);
  CHECK(parseJson("1e-400")->get<double>() == 0);
  CHECK(parseJson("18446744073709551616")->is_number_float());
}

TEST_CASE("of a repeated key the last value counts") {
  CHECK(parseJson(R"({"a": 1, "b": 2, "a": 3})")->dump() == R"({"a":3,"b":2})");
}

TEST_CASE("nesting is allowed up to the limit") {
  CHECK(parseJson(nested(kMaxJsonDepth, "1")));
  CHECK_FALSE(parseJson(nested(kMaxJsonDepth + 1, "1")));
  CHECK(parseJson(nestedObjects(kMaxJsonDepth)));
  CHECK_FALSE(parseJson(nestedObjects(kMaxJsonDepth + 1)));
  CHECK(parseJson(nested(kMaxJsonDepth, "")));
  CHECK_FALSE(parseJson(nested(kMaxJsonDepth + 1, "")));
}

TEST_CASE("brackets count where they nest: not in strings, and not one after the other") {
  const std::string brackets(1'000, '[');
  CHECK(parseJson("\"" + brackets + "\"")->get<std::string>() == brackets);
  CHECK(parseJson("{\"" + brackets + "\":1}"));
  CHECK(parseJson(R"("\"[)" + brackets + R"([\\")"));
  CHECK_FALSE(parseJson(R"("\\")" + brackets));
  std::string list = "[";
  for (int i = 0; i < 1'000; ++i) list += "[{}],";
  CHECK(parseJson(list + "[]]")->size() == 1'001);
}

TEST_CASE("what is nested much too deep is refused without harm, closed or not") {
  CHECK_FALSE(parseJson(nested(10'000, "1")));
  CHECK_FALSE(parseJson(nested(10'000, "")));
  CHECK_FALSE(parseJson(nestedObjects(10'000)));
  CHECK_FALSE(parseJson(std::string(5'000'000, '[')));
  CHECK_FALSE(parseJson("{\"a\": " + nested(10'000, "1") + "}"));
}

TEST_CASE("brackets in strings are no nesting") {
  const std::string brackets(1000, '[');
  CHECK(parseJson("[\"" + brackets + "\"]"));
  CHECK(parseJson("{\"\\\"" + brackets + "\": 1}"));
  CHECK_FALSE(parseJson("[\"\\\\\", " + nested(kMaxJsonDepth, "1") + "]"));
  CHECK(walks(nested(kMaxJsonDepth, "1")));
  CHECK_FALSE(walks(nested(kMaxJsonDepth + 1, "1")));
}

// With quadratic time this takes minutes.
TEST_CASE("a body's limit of small objects is read in time") {
  std::string text = "[{}";
  while (text.size() < (std::size_t{1} << 20)) text += ",{}";
  CHECK(parseJson(text + "]"));
}

TEST_CASE("a member that is absent reads as null") {
  const Json object = *parseJson(R"({"a": 1, "n": null})");
  CHECK(memberOf(object, "a") == 1);
  CHECK(memberOf(object, "n").is_null());
  CHECK(memberOf(object, "b").is_null());
}

TEST_CASE("the line and the column are known where JSON ends to be JSON") {
  const auto fault = [](std::string_view text) {
    const std::optional<TextPlace> place = findJsonFault(text);
    return place ? std::to_string(place->line) + ":" + std::to_string(place->column) : "none";
  };
  CHECK(fault("[1, 2]") == "none");
  CHECK(fault("") == "1:1");
  CHECK(fault("[1,]") == "1:4");
  CHECK(fault("[1,\n 2,\n 'a']") == "3:2");
  CHECK(fault("[1,\r\n2") == "2:2");
  CHECK(fault("{\"a\": 1}\n}") == "2:1");
  CHECK(fault("[\"äöü\", x]") == "1:9");
  CHECK(fault("[\n1e400]") == "2:5");
  CHECK(fault("[\n\"a\xFF\"]") == "2:3");
  CHECK(fault(std::string_view("[\n\0]", 4)) == "2:1");
  CHECK(fault(std::string_view("[x\0]", 4)) == "1:2");
  CHECK(fault("[\n" + nested(kMaxJsonDepth, "1") + "]") == "2:64");
}

TEST_CASE("a fault is found in exactly the texts that are not read") {
  std::string text = R"([{"a": "\u00e9[\"", "b": [1.5, -2e3, null, true]}, "ä"])";
  REQUIRE_FALSE(findJsonFault(text));
  for (std::size_t place = 0; place < text.size(); ++place) {
    for (const char c : {'"', '\\', ',', ']', '{', '0', ' ', '\0', '\xC3'}) {
      std::string changed = text;
      changed[place] = c;
      CAPTURE(changed);
      CHECK(findJsonFault(changed).has_value() != parseJson(changed).has_value());
    }
    CHECK(findJsonFault(text.substr(0, place)));
  }
}

namespace chatbot {}  // namespace chatbot
