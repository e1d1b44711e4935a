#include "http/target.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::http;

namespace {

using Segments = std::vector<std::string>;
using Query = std::vector<std::pair<std::string, std::string>>;

Segments segmentsOf(std::string_view target) { return parseTarget(target).segments; }
Query queryOf(std::string_view target) { return parseTarget(target).query; }

}  // namespace

TEST_CASE("a path is its segments") {
  CHECK(segmentsOf("/a/b") == Segments{"a", "b"});
  CHECK(segmentsOf("/a") == Segments{"a"});
  CHECK(segmentsOf("/") == Segments{});
  CHECK(segmentsOf("") == Segments{});
}

TEST_CASE("a target may name scheme and host, as for a proxy") {
  CHECK(segmentsOf("http://example.com:8080/a/b?c=http://d/e") == Segments{"a", "b"});
  CHECK(queryOf("http://example.com/a?c=http://d/e") == Query{{"c", "http://d/e"}});
  CHECK(segmentsOf("https://example.com").empty());
  CHECK(queryOf("https://example.com?a=b") == Query{{"a", "b"}});
  CHECK(segmentsOf("/a/http://b") == Segments{"a", "http:", "", "b"});
}

TEST_CASE("empty segments count") {
  CHECK(segmentsOf("/a/b/") == Segments{"a", "b", ""});
  CHECK(segmentsOf("/a//b") == Segments{"a", "", "b"});
  CHECK(segmentsOf("//a") == Segments{"", "a"});
}

TEST_CASE("segments are decoded one by one") {
  CHECK(segmentsOf("/%61%2Fb/%C3%a9") == Segments{"a/b", "\xC3\xA9"});
  CHECK(segmentsOf("/a%00b") == Segments{std::string("a\0b", 3)});
  CHECK(segmentsOf("/a+b") == Segments{"a+b"});
  CHECK(segmentsOf("/a%3Fb%23c") == Segments{"a?b#c"});
}

TEST_CASE("percent signs that escape nothing stay") {
  CHECK(segmentsOf("/%/%4/%zz/%4g/100%") == Segments{"%", "%4", "%zz", "%4g", "100%"});
  CHECK(segmentsOf("/%%41") == Segments{"%A"});
  CHECK(segmentsOf("/%2541") == Segments{"%41"});
  CHECK(queryOf("/?a=%&b=%4") == Query{{"a", "%"}, {"b", "%4"}});
}

TEST_CASE("a query is its parameters, decoded") {
  CHECK(queryOf("/a?x=1&y=2") == Query{{"x", "1"}, {"y", "2"}});
  CHECK(queryOf("/a?x=a+b%20c%2B") == Query{{"x", "a b c+"}});
  CHECK(queryOf("/a?%78=%26%3D") == Query{{"x", "&="}});
  CHECK(queryOf("/a?x=1=2?3/4") == Query{{"x", "1=2?3/4"}});
  CHECK(queryOf("/a?x&y=&=z") == Query{{"x", ""}, {"y", ""}, {"", "z"}});
  CHECK(queryOf("/a").empty());
  CHECK(queryOf("/a?").empty());
  CHECK(segmentsOf("/a?b/c") == Segments{"a"});
}

TEST_CASE("a fragment is no part of it") {
  CHECK(segmentsOf("/a#b/c") == Segments{"a"});
  CHECK(queryOf("/a?x=1#y=2") == Query{{"x", "1"}});
  CHECK(queryOf("/a#?x=1").empty());
}

TEST_CASE("a parameter is the first of its name that says something") {
  const Target target = parseTarget("/?a=&a=1&a=2&b=");
  CHECK(target.parameter("a") == "1");
  CHECK_FALSE(target.parameter("b"));
  CHECK_FALSE(target.parameter("c"));
  CHECK_FALSE(target.parameter("A"));
}
