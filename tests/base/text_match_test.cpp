#include "base/text_match.h"

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <vector>

#include "base/text.h"

namespace chatbot {
namespace {

using namespace std::string_view_literals;

bool contains(std::string_view text, std::string_view needle) {
  return base::containsFolded(text, base::foldCase(needle));
}

bool startsWith(std::string_view text, std::string_view needle) {
  return base::startsWithFolded(text, base::foldCase(needle));
}

bool endsWith(std::string_view text, std::string_view needle) {
  return base::endsWithFolded(text, base::foldCase(needle));
}

TEST_CASE("ASCII matches whatever its case") {
  CHECK(contains("Hello World", "LO wO"));
  CHECK(startsWith("Hello World", "hELLO"));
  CHECK(endsWith("Hello World", "WORLD"));
  CHECK_FALSE(contains("Hello World", "low"));
  CHECK_FALSE(startsWith("Hello World", "world"));
  CHECK_FALSE(endsWith("Hello World", "hello"));
}

TEST_CASE("only letters have a case") {
  CHECK_FALSE(contains("@[`{", "`{@["));
  CHECK_FALSE(contains("[", "{"));
  CHECK_FALSE(contains("@", "`"));
}

TEST_CASE("the empty text is in every text") {
  for (const std::string_view text : {"", "a", "ä"}) {
    CHECK(contains(text, ""));
    CHECK(startsWith(text, ""));
    CHECK(endsWith(text, ""));
  }
}

TEST_CASE("a longer text is in no shorter one") {
  for (const std::string_view text : {"", "b", "ä"}) {
    CHECK_FALSE(contains(text, "abc"));
    CHECK_FALSE(startsWith(text, "abc"));
    CHECK_FALSE(endsWith(text, "abc"));
  }
}

TEST_CASE("wildcards, quotes, backslashes and NUL stand for themselves") {
  CHECK_FALSE(contains("abc", "%"));
  CHECK_FALSE(contains("abc", "a_c"));
  CHECK(contains("100%", "0%"));
  CHECK(contains("it's", "'S"));
  CHECK(contains("a\\B", "A\\b"));
  CHECK(contains("one\0TWO"sv, "\0two"sv));
  CHECK(endsWith("one\0TWO"sv, "two"));
  CHECK_FALSE(contains("one", "one\0"sv));
}

TEST_CASE("case beyond ASCII is ignored too") {
  if (!base::foldsUnicode()) return;
  CHECK(contains("Hauptstraße", "STRASSE"));
  CHECK(contains("HAUPTSTRASSE", "straße"));
  CHECK(startsWith("ÄRGER", "är"));
  CHECK(endsWith("ΟΔΟΣ", "ς"));
  CHECK(endsWith("οδος", "Σ"));
  CHECK(contains("İstanbul", "i̇stan"));
  CHECK(contains("\xE2\x84\xAA", "k"));  // the sign for kelvin
  CHECK(startsWith("ПРИВЕТ", "при"));
  CHECK_FALSE(contains("Arger", "ä"));
}

TEST_CASE("a build that knows ASCII's case only says so") {
  std::vector<LogLevel> levels;
  const LogFunction log = [&](LogLevel level, std::string_view, std::span<const LogField>) {
    levels.push_back(level);
  };
  base::reportTextMatch(log);
  base::reportTextMatch({});
  CHECK(levels == (base::foldsUnicode() ? std::vector<LogLevel>{}
                                        : std::vector<LogLevel>{LogLevel::warning}));
}

}  // namespace
}  // namespace chatbot
