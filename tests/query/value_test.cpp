#include "query/value.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace chatbot {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kBeyondDouble = (std::int64_t{1} << 53) + 1;  // no double has this value

std::optional<query::Value> read(std::string_view json, FieldType type) {
  const base::Json value = base::parseJson(json).value();
  static std::string text;  // where the value's text stays for the caller
  std::optional<query::Value> result = query::readValue(value, type);
  if (!result || !std::holds_alternative<std::string_view>(*result)) return result;
  text = std::get<std::string_view>(*result);
  return text;
}

TEST_CASE("null fits every type") {
  for (const FieldType type : {FieldType::text, FieldType::integer, FieldType::real}) {
    CHECK(read("null", type) == query::Value{});
  }
}

TEST_CASE("text fields take strings only, number fields numbers only") {
  CHECK(read("\"a\\u0000b\"", FieldType::text) == query::Value{"a\0b"sv});
  for (const std::string_view json : {"1", "1.5", "true", "[]", "{}"}) {
    CHECK_FALSE(read(json, FieldType::text).has_value());
  }
  for (const FieldType type : {FieldType::integer, FieldType::real}) {
    CHECK(read("7", type) == query::Value{std::int64_t{7}});
    CHECK(read("-7", type) == query::Value{std::int64_t{-7}});
    CHECK(read("7.0", type) == query::Value{7.0});
    for (const std::string_view json : {"\"7\"", "true", "[]", "{}"}) {
      CHECK_FALSE(read(json, type).has_value());
    }
  }
}

TEST_CASE("integers of 64 bits are exact, larger ones become reals") {
  CHECK(read("9223372036854775807", FieldType::integer) == query::Value{kLargest});
  CHECK(read("-9223372036854775808", FieldType::integer) == query::Value{kSmallest});
  CHECK(read("9223372036854775808", FieldType::integer) == query::Value{0x1p63});
  CHECK(read("-9223372036854775809", FieldType::integer) == query::Value{-0x1p63});
  CHECK(read("18446744073709551616", FieldType::integer) == query::Value{0x1p64});
}

TEST_CASE("values compare in one order: null, numbers by exact value, text by code point") {
  const std::vector<query::Value> ordered = {query::Value{},
                                             -1e300,
                                             -0x1.8p63,
                                             kSmallest,
                                             kSmallest + 1,
                                             -1.5,
                                             std::int64_t{-1},
                                             -0.5,
                                             std::int64_t{0},
                                             0.5,
                                             std::int64_t{1},
                                             1.5,
                                             0x1p53,
                                             kBeyondDouble,
                                             0x1p53 + 2,
                                             kLargest - 1,
                                             kLargest,
                                             0x1p63,
                                             1e300,
                                             ""sv,
                                             "\0"sv,
                                             "A"sv,
                                             "a"sv,
                                             "a\0"sv,
                                             "aa"sv,
                                             "ä"sv,
                                             "\uFFFD"sv,
                                             "\U0001F600"sv};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((query::compare(ordered[i], ordered[j]) < 0) == (i < j));
      CHECK((query::compare(ordered[i], ordered[j]) == 0) == (i == j));
    }
  }
}

TEST_CASE("an integer and a real of the same value are equal, and so are the two zeros") {
  CHECK(query::compare(query::Value{std::int64_t{3}}, query::Value{3.0}) == 0);
  CHECK(query::compare(query::Value{3.0}, query::Value{std::int64_t{3}}) == 0);
  CHECK(query::compare(query::Value{kSmallest}, query::Value{-0x1p63}) == 0);
  CHECK(query::compare(query::Value{std::int64_t{0}}, query::Value{-0.0}) == 0);
  CHECK(query::compare(query::Value{0.0}, query::Value{-0.0}) == 0);
}

TEST_CASE("a value survives being owned") {
  for (const query::Value& value :
       {query::Value{}, query::Value{std::int64_t{4}}, query::Value{0.5}, query::Value{"a\0b"sv}}) {
    const SqlValue owned = query::own(value);
    CHECK(query::borrow(owned) == value);
  }
}

TEST_CASE("types have names") {
  CHECK(query::nameOf(FieldType::text) == "text");
  CHECK(query::nameOf(FieldType::integer) == "a number");
  CHECK(query::nameOf(FieldType::real) == "a number");
}

}  // namespace
}  // namespace chatbot
