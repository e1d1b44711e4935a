#include "base/json_text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "base/text.h"

using namespace chatbot;
using namespace chatbot::base;

namespace {

template <typename T>
std::string number(T value) {
  std::string out;
  appendJsonNumber(out, value);
  return out;
}

}  // namespace

TEST_CASE("text is escaped where JSON asks for it, and only there") {
  CHECK(jsonString("") == R"("")");
  CHECK(jsonString("plain text") == R"("plain text")");
  CHECK(jsonString("\"quoted\" \\ / slash") == R"("\"quoted\" \\ / slash")");
  CHECK(jsonString("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(jsonString(std::string_view("a\0b", 3)) == R"("a\u0000b")");
  CHECK(jsonString("\x7F") == "\"\x7F\"");
  CHECK(jsonString("\xE2\x80\xA8\xE2\x80\xA9") ==
        "\"\xE2\x80\xA8\xE2\x80\xA9\"");  // U+2028, U+2029
  CHECK(jsonString("\xF0\x9F\x98\x80") == "\"\xF0\x9F\x98\x80\"");
}

TEST_CASE("each control character has its escape, so a text stays on one line") {
  for (char c = 0; c < 0x20; ++c) {
    const std::string json = jsonString(std::string(1, c));
    CHECK(json.find(c) == std::string::npos);
    CHECK(nlohmann::json::parse(json).get<std::string>() == std::string(1, c));
  }
  CHECK(jsonString("\x01\x0B\x1F") == R"("\u0001\u000b\u001f")");
}

TEST_CASE("bytes that are no UTF-8 become the replacement character, the rest stays") {
  CHECK(jsonString("a\xFF\xC3z\n") == "\"a\xEF\xBF\xBDz\\n\"");
  CHECK(jsonString("\xED\xA0\x80") == "\"\xEF\xBF\xBD\"");  // a surrogate
  CHECK(jsonString("\xC0\xA2") == "\"\xEF\xBF\xBD\"");      // an overlong quotation mark
}

TEST_CASE("whatever the bytes are, the JSON is read back as their text") {
  std::mt19937 random(2);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % (round % 2 ? 0x80 : 0x100));
    const nlohmann::json parsed = nlohmann::json::parse(jsonString(bytes));
    REQUIRE(parsed.get<std::string>() == toUtf8(bytes));
  }
}

TEST_CASE("integers are written whole") {
  CHECK(number(std::int64_t{0}) == "0");
  CHECK(number(std::int64_t{-7}) == "-7");
  CHECK(number(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
  CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("a real always shows a fraction or an exponent") {
  CHECK(number(0.0) == "0.0");
  CHECK(number(-0.0) == "-0.0");
  CHECK(number(1.0) == "1.0");
  CHECK(number(0.1) == "0.1");
  CHECK(number(-2.5) == "-2.5");
  CHECK(number(1'700'000'000.0) == "1700000000.0");
  CHECK(number(1'700'000'000.123456) == "1700000000.123456");
  CHECK(number(1e300) == "1e+300");
  CHECK(number(5e-324) == "5e-324");
}

TEST_CASE("what is no number in JSON is null") {
  CHECK(number(std::numeric_limits<double>::infinity()) == "null");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
  CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("a real is read back as the same real, and as no integer") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const double value =
        std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 600) - 300);
    const nlohmann::json parsed = nlohmann::json::parse(number(value));
    REQUIRE(parsed.is_number_float());
    REQUIRE(parsed.get<double>() == value);
  }
  for (double whole = 1; whole < 1e22; whole *= 10) {
    CHECK(nlohmann::json::parse(number(whole)).is_number_float());
  }
}

TEST_CASE("an object is written field by field, in their order") {
  std::string out = "before ";
  JsonObject(out)
      .field("text", "a\"b")
      .field("view", std::string_view("v"))
      .field("string", std::string("s"))
      .field("integer", std::int64_t{3})
      .field("real", 3.0)
      .field("yes", true)
      .field("no", false)
      .field("known", std::optional<double>(0.5))
      .field("unknown", std::optional<std::int64_t>())
      .raw("json", "[1,2]")
      .close();
  CHECK(out == R"(before {"text":"a\"b","view":"v","string":"s","integer":3,"real":3.0,"yes":true,)"
               R"("no":false,"known":0.5,"unknown":null,"json":[1,2]})");
}

TEST_CASE("an object may have no fields") {
  std::string out;
  JsonObject(out).close();
  CHECK(out == "{}");
}
