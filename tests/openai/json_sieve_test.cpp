#include "openai/json_sieve.h"

#include <doctest/doctest.h>

#include <vector>

using namespace chatbot::openai;

namespace {

MemberUse useOf(std::string_view name) {
  if (name == "a" || name == "b") return MemberUse::descend;
  if (name == "whole") return MemberUse::keep;
  if (name == "picture") return MemberUse::miss;
  return MemberUse::drop;
}

std::string sifted(std::string_view text) {
  JsonSieve sieve(useOf);
  sieve.add(text);
  return sieve.take();
}

bool hasMissed(std::string_view text) {
  JsonSieve sieve(useOf);
  sieve.add(text);
  sieve.take();
  return sieve.hasMissed();
}

}  // namespace

TEST_CASE("known members are kept, all others are left out") {
  CHECK(sifted(R"({"a":1,"x":2,"b":"t"})") == R"({"a":1,"b":"t"})");
  CHECK(sifted(R"({"x":{"a":[1,{"b":"}"}]},"a":[{"y":1,"b":2},{"y":"\"]"}]})") ==
        R"({"a":[{"b":2},{}]})");
  CHECK(sifted(R"({"x":1})") == "{}");
  CHECK(sifted(R"({ "a" : [ 1 , "x y" ] , "x" : null })") == R"({"a":[1 ,"x y"]})");
}

TEST_CASE("a member may be kept whole") {
  CHECK(sifted(R"({"whole":{"x":[1,{"y":"\"}"}]},"x":1})") == R"({"whole":{"x":[1,{"y":"\"}"}]}})");
}

TEST_CASE("a name may be escaped or long") {
  CHECK(sifted(R"({"\u0061":1})") == R"({"\u0061":1})");
  for (std::size_t size = 20; size < 50; ++size) {
    CAPTURE(size);
    const std::string text = "{\"\\u0061" + std::string(size, 'a') + "\":1,\"a\":2}";
    JsonSieve byBytes(useOf);
    for (const char byte : text) byBytes.add({&byte, 1});
    CHECK(byBytes.take() == sifted(text));
  }
  CHECK(sifted("{\"" + std::string(100, 'a') + "\":1,\"a\":2}") == R"({"a":2})");
}

TEST_CASE("numbers that no double can hold become null, where they are kept") {
  CHECK(sifted(R"({"a":1e999,"b":[-Infinity,NaN,-1e999,1e5],"x":1e999})") ==
        R"({"a":null,"b":[null,null,null,1e5]})");
}

TEST_CASE("what is no JSON stays none") {
  for (const char* const bad : {R"({"a":1,})", R"({"a":1 "b":2})", R"({"a":tr ue})", "[DONE]",
                                R"({"a"})", R"(["a":1])", R"({"a":1]})", "oops"}) {
    CAPTURE(bad);
    const std::string kept = sifted(bad);
    CHECK_FALSE(kept.empty());
    CHECK(kept != "{}");
    CHECK(kept != "{\"a\":true}");
    CHECK(kept != "{\"a\":1}");
    CHECK(kept != "{\"a\":1,\"b\":2}");
  }
}

TEST_CASE("the text may be cut at any byte") {
  const std::string text =
      R"({"x":"\\","a":[{"whole":{"q":"\"}"},"z":[1,2,"]"]},1e999],"long_name":{},"b":"\u00e9"})";
  const std::string whole = sifted(text);
  CHECK(whole == R"({"a":[{"whole":{"q":"\"}"}},null],"b":"\u00e9"})");
  const std::string_view view = text;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    JsonSieve sieve(useOf);
    CHECK(sieve.add(view.substr(0, cut)) == cut);
    sieve.add(view.substr(cut));
    CHECK(sieve.isWhole());
    CHECK(sieve.take() == whole);
  }
}

TEST_CASE("it takes one document at a time") {
  JsonSieve sieve(useOf);
  const std::string_view two = R"({"a":1}{"b":2})";
  CHECK(sieve.add(two) == 7);
  CHECK(sieve.isWhole());
  CHECK(sieve.add(two.substr(7)) == 0);
  CHECK(sieve.take() == R"({"a":1})");
  CHECK(sieve.add(two.substr(7)) == 7);
  CHECK(sieve.take() == R"({"b":2})");
}

TEST_CASE("what is left out costs no memory") {
  JsonSieve sieve(useOf);
  sieve.add(R"({"x":")");
  const std::string megabyte(1024 * 1024, 'A');
  for (int i = 0; i < 10; ++i) sieve.add(megabyte);
  sieve.add(R"(","a":1})");
  CHECK(sieve.size() < 100);
  CHECK(sieve.take() == R"({"a":1})");
  CHECK(sieve.hasMissed());
}

TEST_CASE("a member to be missed is told, unless it is empty") {
  CHECK(hasMissed(R"({"picture":"AAAA"})"));
  CHECK(hasMissed(R"({"a":1,"picture":[{"url":"x"}]})"));
  CHECK_FALSE(hasMissed(R"({"picture":null,"x":"some text"})"));
  CHECK_FALSE(hasMissed(R"({"picture":[]})"));
  CHECK_FALSE(hasMissed(R"({"picture":""})"));
}

TEST_CASE("nesting that is too deep is kept, for the parser to refuse") {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += R"({"a":)";
  CHECK(sifted(deep + "1" + std::string(100, '}')).size() == 100 * 5 + 1 + 100);
}
