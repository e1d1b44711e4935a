#include "base/text.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace chatbot;
using namespace chatbot::base;
using namespace std::string_view_literals;

namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

// UTF-8 of any number, code point or not, in as many bytes as are asked for.
std::string encode(std::uint32_t value, std::size_t bytes) {
  constexpr std::array<std::uint32_t, 5> kLeads = {0, 0, 0xC0, 0xE0, 0xF0};
  std::string out;
  for (std::size_t i = 1; i < bytes; ++i) {
    out.insert(out.begin(), static_cast<char>(0x80 | (value & 0x3F)));
    value >>= 6;
  }
  out.insert(out.begin(), static_cast<char>(kLeads.at(bytes) | value));
  return out;
}

std::string encode(std::uint32_t codePoint) {
  const std::size_t bytes =
      codePoint < 0x80 ? 1 : (codePoint < 0x800 ? 2 : (codePoint < 0x10000 ? 3 : 4));
  return encode(codePoint, bytes);
}

bool isCodePoint(std::uint32_t value) {
  return value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
}

bool contains(std::string_view text, std::string_view needle) {
  return base::containsFolded(text, base::foldForms(needle));
}

bool startsWith(std::string_view text, std::string_view needle) {
  return base::startsWithFolded(text, base::foldForms(needle));
}

bool endsWith(std::string_view text, std::string_view needle) {
  return base::endsWithFolded(text, base::foldForms(needle));
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

TEST_CASE("the forms of a character are one") {
  if (!base::foldsUnicode()) return;
  CHECK(contains("cafe\u0301", "CAF\u00C9"));  // composed and decomposed
  CHECK(contains("caf\u00E9", "cafe\u0301"));
  CHECK(startsWith("\uFF21\uFF22\uFF23", "abc"));       // full width
  CHECK(endsWith("\uFF76\uFF9E", "\u30AC"));            // half width
  CHECK(contains("Schiff\u00ADfahrt", "schifffahrt"));  // a soft hyphen
  CHECK(contains("\uFB01nd", "find"));                  // a ligature
}

TEST_CASE("text that shows nothing is invisible") {
  for (const char* const text : {"", " ", "\u200B", "\u3000\u2800", "\uFE0F"})
    CHECK(base::isInvisible(text));
  for (const char* const text : {"a", "\u200Ba", "\xFF", "\u00E9"})
    CHECK_FALSE(base::isInvisible(text));
}

TEST_CASE("white space at the ends is trimmed, and only there") {
  CHECK(base::trimmed(" \u00A0a b\u3000\n") == "a b");
  CHECK(base::trimmed("a\xFF ") == "a\xFF");
  CHECK(base::trimmed(" \u2003").empty());
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

TEST_CASE("every code point is UTF-8, and no surrogate is") {
  for (std::uint32_t value = 0; value <= 0x10FFFF; ++value) {
    const std::string text = encode(value);
    if (isUtf8(text) != isCodePoint(value)) FAIL("U+", value);
    if (countCodePoints(text) != 1) FAIL("U+", value);
  }
  CHECK(isUtf8(""));
}

TEST_CASE("bytes of every class that is no UTF-8 are seen") {
  CHECK_FALSE(isUtf8("\x80"));                      // a continuation without a lead
  CHECK_FALSE(isUtf8("\xBF"));                      //
  CHECK_FALSE(isUtf8("a\xC3"));                     // cut off after one byte of two
  CHECK_FALSE(isUtf8("\xE2\x82"));                  // after two of three
  CHECK_FALSE(isUtf8("\xF0\x9F\x98"));              // after three of four
  CHECK_FALSE(isUtf8("\xC3("));                     // a lead without its continuation
  CHECK_FALSE(isUtf8("\xE2\x82("));                 //
  CHECK_FALSE(isUtf8("\xC3\xC3\xA9"));              //
  CHECK_FALSE(isUtf8(encode(0x2F, 2)));             // overlong
  CHECK_FALSE(isUtf8(encode(0x7F, 2)));             //
  CHECK_FALSE(isUtf8(encode(0, 2)));                //
  CHECK_FALSE(isUtf8(encode(0x7FF, 3)));            //
  CHECK_FALSE(isUtf8(encode(0xFFFF, 4)));           //
  CHECK_FALSE(isUtf8(encode(0xD800, 3)));           // surrogates
  CHECK_FALSE(isUtf8(encode(0xDFFF, 3)));           //
  CHECK_FALSE(isUtf8(encode(0x110000, 4)));         // beyond Unicode
  CHECK_FALSE(isUtf8(encode(0x1FFFFF, 4)));         //
  CHECK_FALSE(isUtf8("\xF8\x88\x80\x80\x80"));      // five and six bytes
  CHECK_FALSE(isUtf8("\xFC\x84\x80\x80\x80\x80"));  //
  CHECK_FALSE(isUtf8("\xFE"));                      // never in UTF-8
  CHECK_FALSE(isUtf8("\xFF"));                      //
  CHECK(isUtf8(std::string_view("a\0b", 3)));       // NUL is a code point
  CHECK(isUtf8("\xEF\xBB\xBFz"));                   // and so is a byte order mark
}

TEST_CASE("what stands behind a text is no part of it") {
  for (const std::string_view whole : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CHECK_FALSE(isUtf8(whole.substr(0, size)));
      CHECK(toUtf8(whole.substr(0, size)) == kReplacement);
    }
  }
}

TEST_CASE("a run of bad bytes becomes one replacement, and good text stays as it is") {
  CHECK(toUtf8("") == "");
  CHECK(toUtf8("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
  CHECK(toUtf8("\xFF") == kReplacement);
  CHECK(toUtf8("\xFF\xFE\x80") == kReplacement);
  CHECK(toUtf8("a\xFF\xFE-\x80z") == "a" + kReplacement + "-" + kReplacement + "z");
  CHECK(toUtf8("\xE2\x82") == kReplacement);
  CHECK(toUtf8("\xE2\x82(") == kReplacement + "(");
  CHECK(toUtf8("\xED\xA0\x80\xED\xB0\x80") == kReplacement);
  CHECK(toUtf8(std::string("\0\xFF\0", 3)) ==
        std::string("\0", 1) + kReplacement + std::string("\0", 1));
}

TEST_CASE("whatever the bytes are, what is made of them is UTF-8, and stays so") {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3 ? 0x80 + random() % 0x80 : 'a');
    const std::string text = toUtf8(bytes);
    REQUIRE(isUtf8(text));
    REQUIRE(toUtf8(text) == text);
    REQUIRE((text == bytes) == isUtf8(bytes));
  }
}

TEST_CASE("code points are counted and measured, whatever their length in bytes") {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";  // of 1, 2, 3 and 4 bytes
  CHECK(countCodePoints(text) == 4);
  CHECK(bytesOfCodePoints(text, 0) == 0);
  CHECK(bytesOfCodePoints(text, 1) == 1);
  CHECK(bytesOfCodePoints(text, 2) == 3);
  CHECK(bytesOfCodePoints(text, 3) == 6);
  CHECK(bytesOfCodePoints(text, 4) == 10);
  CHECK(bytesOfCodePoints(text, 99) == 10);
  CHECK(countCodePoints("") == 0);
  CHECK(bytesOfCodePoints("", 1) == 0);
}

TEST_CASE("white space is what Unicode calls so, and nothing else") {
  for (std::uint32_t value = 0; value <= 0xFFFF; ++value) {
    if (!isCodePoint(value)) continue;
    const bool expected = (value >= 0x09 && value <= 0x0D) || value == 0x20 || value == 0x85 ||
                          value == 0xA0 || value == 0x1680 ||
                          (value >= 0x2000 && value <= 0x200A) || value == 0x2028 ||
                          value == 0x2029 || value == 0x202F || value == 0x205F || value == 0x3000;
    if (isBlank(encode(value)) != expected) FAIL("U+", value);
  }
  CHECK(isBlank(""));
  CHECK(isBlank(" \t\r\n\xE3\x80\x80"));
  CHECK_FALSE(isBlank("  .  "));
  CHECK_FALSE(isBlank("\xE2\x80\x8B"));  // the zero-width space is none
  CHECK_FALSE(isBlank(" \xFF"));
}

TEST_CASE("control characters are those below U+0020 and from U+007F to U+009F") {
  for (std::uint32_t value = 0; value <= 0x2FF; ++value) {
    const bool expected = value < 0x20 || (value >= 0x7F && value <= 0x9F);
    if (hasControl(encode(value)) != expected) FAIL("U+", value);
  }
  CHECK(hasControl("name\n"));
  CHECK(hasControl("\xFF\x01"));
  CHECK_FALSE(hasControl(""));
  CHECK_FALSE(hasControl("\xE2\x80\xA8"));  // U+2028
  CHECK_FALSE(hasControl("\x80\x9F"));      // no code points at all
}

TEST_CASE("ASCII letters are folded, and nothing else of ASCII") {
  for (char c = 0x01; c < 0x7F; ++c) {
    const bool isUpper = c >= 'A' && c <= 'Z';
    CHECK(foldCase(std::string(1, c)) == std::string(1, isUpper ? static_cast<char>(c + 32) : c));
  }
  CHECK(foldCase("") == "");
  CHECK(foldCase(std::string_view("A\0B", 3)) == std::string("a\0b", 3));
}

TEST_CASE("text of any script is folded fully where Unicode is known, or left as it is") {
  struct Pair {
    const char* text;
    const char* folded;
  };
  constexpr std::array kPairs = {
      Pair{"\xC3\x84", "\xC3\xA4"},                  // Ä
      Pair{"\xC3\x9F", "ss"},                        // ß, and its capital
      Pair{"\xE1\xBA\x9E", "ss"},                    //
      Pair{"\xC4\xB0", "i\xCC\x87"},                 // İ
      Pair{"\xCE\xA3", "\xCF\x83"},                  // Σ, and σ at a word's end
      Pair{"\xCF\x82", "\xCF\x83"},                  //
      Pair{"\xD0\x96", "\xD0\xB6"},                  // Ж
      Pair{"\xEF\xAC\x81", "fi"},                    // a ligature
      Pair{"\xF0\x90\x90\x80", "\xF0\x90\x90\xA8"},  // beyond the basic plane
  };
  for (const Pair& pair : kPairs) {
    CHECK(foldCase(pair.text) == (foldsUnicode() ? pair.folded : pair.text));
  }
  CHECK(foldCase("\xE6\xBC\xA2") == "\xE6\xBC\xA2");  // no case at all
}

TEST_CASE("texts are folded as UTF-8 even where they are not, and folding again changes nothing") {
  CHECK(foldCase("A\xFF\xFE-B") == "a" + kReplacement + "-b");
  for (std::uint32_t value = 1; value <= 0x1FFFF; ++value) {
    if (!isCodePoint(value)) continue;
    const std::string once = foldCase(encode(value));
    if (foldCase(once) != once) FAIL("U+", value);
  }
}

TEST_CASE("ASCII is folded alike alone and among other text") {
  std::mt19937 random(3);  // the same texts in every run
  const std::string other = "\xE6\xBC\xA2";
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, ' ');
    for (char& c : text) c = static_cast<char>(random() % 128);
    REQUIRE(foldCase(text) + other == foldCase(text + other));
    REQUIRE(foldForms(text) + other == foldForms(text + other));
  }
}

TEST_CASE("the forms of a character fold to one") {
  CHECK(foldForms("Ab\xFF") == "ab" + kReplacement);
  if (!foldsUnicode()) return;
  CHECK(foldForms("A\xCC\x88") == "\xC3\xA4");         // Ä in two code points
  CHECK(foldForms("\xC3\x84") == "\xC3\xA4");          // and in one
  CHECK(foldForms("\xEF\xBC\xA1") == "a");             // of full width
  CHECK(foldForms("\xEF\xBD\xB6") == "\xE3\x82\xAB");  // Katakana of half width
  CHECK(foldForms("a\xC2\xAD\xE2\x80\x8D") == "a");    // a soft hyphen and a joiner
}

namespace chatbot {}  // namespace chatbot
