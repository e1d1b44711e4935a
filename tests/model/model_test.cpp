#include "chatbot/model.h"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "base/text.h"
#include "chatbot/error.h"
#include "model/name.h"

using namespace chatbot;
using namespace chatbot::base;

namespace {

constexpr std::array kStatuses = {WorkflowStatus::running, WorkflowStatus::completed,
                                  WorkflowStatus::stopped, WorkflowStatus::error};

const std::string kEuro = "\xE2\x82\xAC";

std::string times(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a status has a text, and the text is read back") {
  constexpr std::array<std::string_view, 4> kTexts = {"running", "completed", "stopped", "error"};
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    CHECK(toText(kStatuses.at(i)) == kTexts.at(i));
    CHECK(workflowStatusFromText(kTexts.at(i)) == kStatuses.at(i));
  }
}

TEST_CASE("a text that is no status is a fault inside") {
  for (const char* text : {"", "Running", "done", "running "}) {
    CAPTURE(text);
    try {
      workflowStatusFromText(text);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::internal);
    }
  }
}

TEST_CASE("a name is the prompt's first line that says something") {
  CHECK(nameFromPrompt("What is new?") == "What is new?");
  CHECK(nameFromPrompt("What is new?\nTell me.") == "What is new?");
  CHECK(nameFromPrompt("first\r\nsecond") == "first");
  CHECK(nameFromPrompt("first\rsecond") == "first");
  CHECK(nameFromPrompt("\r\n \t \r\n\n  Here it is \r\nand more") == "Here it is");
  CHECK(nameFromPrompt("\xE3\x80\x80\n\xC2\xA0\nHere") == "Here");  // lines of wide spaces
  CHECK(nameFromPrompt("\x01\x02\nHere") == "Here");
  CHECK(nameFromPrompt("\u200B\u2060\nHere") == "Here");  // lines that show nothing
}

TEST_CASE("a line ends with any of Unicode's line ends") {
  for (const char* const end : {"\u0085", "\u2028", "\u2029"}) {
    CHECK(nameFromPrompt(std::string("first") + end + "second") == "first");
    CHECK(nameFromPrompt(end + std::string("second")) == "second");
  }
}

TEST_CASE("white space of any width is trimmed") {
  CHECK(nameFromPrompt("\u00A0\u3000Here it\u00A0is\u2003\u3000") == "Here it\u00A0is");
}

TEST_CASE("what shows nothing is no name") {
  for (const char* const invisible :
       {"\u200B", "\uFEFF", "\u2060", "\u00AD", "\u200E", "\u3164", "\u2800", "\u200D", "\uFE0F",
        "\u034F \u115F", "\u202E", "\U000E0041"}) {
    CAPTURE(invisible);
    CHECK(nameFromPrompt(invisible).empty());
    CHECK(model::faultOf(invisible)->text == "must not be blank");
  }
  CHECK(nameFromPrompt("a\u200D"
                       "b") ==
        "a\u200D"
        "b");
}

TEST_CASE("characters that turn the direction of text are left out") {
  CHECK(nameFromPrompt("\u202Egpj.exe\u2069") == "gpj.exe");
  CHECK(model::checkedName("a\u202A\u2066"
                           "b") == "ab");
}

TEST_CASE("a name is one line") {
  for (const char* const bad : {"a\nb", "a\u0085",
                                "\u2028"
                                "a",
                                "a\u2029"
                                "b"}) {
    CAPTURE(bad);
    CHECK(model::faultOf(bad)->text == "must not contain control characters");
  }
}

TEST_CASE("a cut does not fall into what is seen as one character") {
  if (!foldsUnicode()) return;  // without ICU
  const std::string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
  CHECK(nameFromPrompt(family + family, 7) == family);
  CHECK(nameFromPrompt("abe\u0301", 3) == "ab");
  CHECK(nameFromPrompt("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 3) == "\U0001F1E9\U0001F1EA");
}

TEST_CASE("a prompt that says nothing has no name") {
  for (const char* prompt : {"", " ", "\n\r\n", "\t\t", "\x01\x7F"}) {
    CHECK(nameFromPrompt(prompt).empty());
  }
}

TEST_CASE("control characters in a name become spaces, those at its ends go") {
  CHECK(nameFromPrompt("a\tb") == "a b");
  CHECK(nameFromPrompt("\ta\t") == "a");
  CHECK(nameFromPrompt(std::string("a\0b", 3)) == "a b");
  CHECK(nameFromPrompt("a\x1B[31mb\x7F") == "a [31mb");
}

TEST_CASE("bytes that are no UTF-8 are replaced in a name") {
  CHECK(nameFromPrompt("a\xFF z") == "a\xEF\xBF\xBD z");
  CHECK(nameFromPrompt("\xFF\xFE\nsecond") == "\xEF\xBF\xBD");
}

TEST_CASE("a name is cut at sixty code points, on a word's end") {
  const std::string sixty = times(12, "four ").substr(0, 59) + "s";
  REQUIRE(sixty.size() == 60);
  CHECK(nameFromPrompt(sixty) == sixty);
  CHECK(nameFromPrompt(sixty + " more") == sixty);
  CHECK(nameFromPrompt(sixty + "x") == times(11, "four ").substr(0, 54));
  CHECK(nameFromPrompt(times(100, "four ")) == times(12, "four ").substr(0, 59));
}

TEST_CASE("a word longer than a name is cut where it must be") {
  CHECK(nameFromPrompt(std::string(60, 'x')) == std::string(60, 'x'));
  CHECK(nameFromPrompt(std::string(61, 'x')) == std::string(60, 'x'));
  CHECK(nameFromPrompt("a " + std::string(100, 'x')) == "a");
}

TEST_CASE("a cut counts code points, and never halves one") {
  CHECK(nameFromPrompt(times(61, kEuro)) == times(60, kEuro));
  CHECK(nameFromPrompt(times(60, kEuro)) == times(60, kEuro));
  CHECK(nameFromPrompt(times(30, kEuro) + " " + times(40, kEuro)) == times(30, kEuro));
  CHECK(nameFromPrompt(times(61, "\xF0\x9F\x98\x80")) == times(60, "\xF0\x9F\x98\x80"));
}

TEST_CASE("the limit can be another one") {
  CHECK(nameFromPrompt("one two three", 7) == "one two");
  CHECK(nameFromPrompt("one two three", 8) == "one two");
  CHECK(nameFromPrompt("one two three", 6) == "one");
  CHECK(nameFromPrompt("one two three", 2) == "on");
  CHECK(nameFromPrompt("one", 0) == "");
}

TEST_CASE("whatever the prompt is, its name is a short line of text") {
  std::mt19937 random(4);
  const std::array<std::string, 10> parts = {"word", " ",    "\n",   "\r\n",     "\t",
                                             kEuro,  "\xFF", "\x01", "\xC2\xA0", "x"};
  for (int round = 0; round < 5'000; ++round) {
    std::string prompt;
    for (auto count = random() % 60; count > 0; --count)
      prompt += parts.at(random() % parts.size());
    const std::string name = nameFromPrompt(prompt);
    CAPTURE(prompt);
    REQUIRE(isUtf8(name));
    REQUIRE(countCodePoints(name) <= 60);
    REQUIRE_FALSE(hasControl(name));
    REQUIRE((name.empty() || (name.front() != ' ' && name.back() != ' ')));
  }
}
