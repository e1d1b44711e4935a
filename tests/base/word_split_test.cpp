#include "base/word_split.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace chatbot {
namespace {

using Texts = std::vector<std::string>;

// The words of a text, those that are a code point of their own in brackets.
Texts wordsOf(std::string_view text) {
  const std::string folded = base::foldForms(text);
  base::WordSplit split(folded);
  Texts words;
  for (auto word = split.next(); word; word = split.next()) {
    words.push_back(word->isSingle ? "[" + std::string(word->text) + "]" : std::string(word->text));
  }
  return words;
}

TEST_CASE("words are runs of letters and digits, whatever their case") {
  CHECK(wordsOf("Hello, World! It's 4 o'clock (x_y).") ==
        Texts{"hello", "world", "it", "s", "4", "o", "clock", "x", "y"});
  CHECK(wordsOf("HTTP2 a-b") == Texts{"http2", "a", "b"});
}

TEST_CASE("a text without letters and digits has no words") {
  for (const std::string_view text : {"", " ", "\n\t", "!?.,;:-_()[]{}<>\"'`^*+/\\|~@#$%&="}) {
    CHECK(wordsOf(text).empty());
  }
}

TEST_CASE("Chinese and Japanese have a word for each character") {
  CHECK(wordsOf("我爱北京。") == Texts{"[我]", "[爱]", "[北]", "[京]"});
  CHECK(wordsOf("東京タワーに行く") ==
        Texts{"[東]", "[京]", "[タ]", "[ワ]", "[ー]", "[に]", "[行]", "[く]"});
  CHECK(wordsOf("人々") == Texts{"[人]", "[々]"});
  CHECK(wordsOf("\U00020BB7野家") == Texts{"[\U00020BB7]", "[野]", "[家]"});
  CHECK(wordsOf("用C++17写") == Texts{"[用]", "c", "17", "[写]"});
}

TEST_CASE("Korean, Thai, Lao, Khmer and Burmese have a word for each character") {
  CHECK(wordsOf("한국 은행에서") == Texts{"[한]", "[국]", "[은]", "[행]", "[에]", "[서]"});
  CHECK(wordsOf("ไทย") == Texts{"[ไ]", "[ท]", "[ย]"});
  CHECK(wordsOf("ລາວ") == Texts{"[ລ]", "[າ]", "[ວ]"});
  CHECK(wordsOf("ខ្មែ") == Texts{"[ខ]", "[្]", "[ម]", "[ែ]"});
  CHECK(wordsOf("မြ") == Texts{"[မ]", "[ြ]"});
}

TEST_CASE("words of scripts with spaces stay whole, with their marks") {
  CHECK(wordsOf("مرحبا بالعالم") == Texts{"مرحبا", "بالعالم"});
  CHECK(wordsOf("हिन्दी में") == Texts{"हिन्दी", "में"});
  CHECK(wordsOf("שלום עולם") == Texts{"שלום", "עולם"});
}

TEST_CASE("case beyond ASCII is folded") {
  if (!base::foldsUnicode()) return;
  CHECK(wordsOf("ПРИВЕТ Мир") == Texts{"привет", "мир"});
  CHECK(wordsOf("Straße STRASSE") == Texts{"strasse", "strasse"});
  CHECK(wordsOf("ΟΔΟΣ οδος") == Texts{"οδοσ", "οδοσ"});
}

TEST_CASE("the forms of a character are one") {
  if (!base::foldsUnicode()) return;
  CHECK(wordsOf("caf\u00E9") == wordsOf("cafe\u0301"));
  CHECK(wordsOf("\u0390") == wordsOf("\u03AA\u0301"));  // equal only when folded and composed
  CHECK(wordsOf("ＡＢＣ１２３") == Texts{"abc123"});
  CHECK(wordsOf("ﾃﾞｰﾀ") == wordsOf("データ"));
  CHECK(wordsOf("\u1112\u1161\u11AB") == wordsOf("한"));
  CHECK(wordsOf("ﬁne") == Texts{"fine"});
  CHECK(wordsOf("co\u00ADoperate") == Texts{"cooperate"});
  CHECK(wordsOf("ก\u0E33") == wordsOf("ก\u0E4D\u0E32"));  // Thai's AM and its two parts
}

TEST_CASE("symbols and punctuation of other blocks part words too") {
  CHECK(wordsOf("a，b。c「d」e…f—g€h×i\u00A0j\u3000k🎉l") ==
        Texts{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"});
}

TEST_CASE("a mark begins no word") {
  CHECK(wordsOf("\u0301a") == Texts{"a"});
  CHECK(wordsOf("\u0301").empty());
}

TEST_CASE("an overlong word comes in pieces, and no code point is cut") {
  const std::string longest(base::kMaxWordBytes, 'a');
  CHECK(wordsOf(longest) == Texts{longest});
  CHECK(wordsOf(longest + "b") == Texts{longest, "b"});
  CHECK(wordsOf(std::string(2 * base::kMaxWordBytes, 'a')) == Texts{longest, longest});
  std::string odd = "a";
  for (std::size_t i = 0; i < base::kMaxWordBytes / 2; ++i) odd += "é";
  CHECK(wordsOf(odd) == Texts{odd.substr(0, base::kMaxWordBytes - 1), "é"});
}

TEST_CASE("bytes that are no UTF-8 part words") {
  CHECK(wordsOf("a\xFF\xFE"
                "b\xC3") == Texts{"a", "b"});
  base::WordSplit raw(
      "a\xFF"
      "b\xE6\xBC");
  CHECK(raw.next()->text == "a");
  CHECK(raw.next()->text == "b");
  CHECK_FALSE(raw.next());
  CHECK_FALSE(raw.next());
}

TEST_CASE("NUL parts words and ends nothing") {
  using namespace std::string_view_literals;
  CHECK(wordsOf("one\0two"sv) == Texts{"one", "two"});
}

}  // namespace
}  // namespace chatbot
