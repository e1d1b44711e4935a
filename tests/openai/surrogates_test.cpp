#include "openai/surrogates.h"

#include <doctest/doctest.h>

using namespace chatbot::openai;

TEST_CASE("a document with whole escapes stays as it is") {
  Surrogates surrogates;
  for (const char* const whole :
       {R"({"a":"b"})", R"("\ud83d\ude00")", R"("\\ud83d")", R"("\u00fc\n\"")", R"("\u12)", "\\"}) {
    CHECK(surrogates.joined(whole) == whole);
  }
}

TEST_CASE("halves are joined across texts, wherever they stand in them") {
  Surrogates surrogates;
  CHECK(surrogates.joined(R"({"c":"x\ud83d","token":"\uD83D"})") == R"({"c":"x","token":""})");
  CHECK(surrogates.joined(R"({"c":"between"})") == R"({"c":"between"})");
  CHECK(surrogates.joined(R"({"c":"\ude00y","token":"\uDE00"})") ==
        R"({"c":"\uD83D\ude00y","token":"\uD83D\uDE00"})");
  CHECK(surrogates.joined(R"("\ude00")") == R"("\ufffd")");
}

TEST_CASE("a half without the other is replaced") {
  Surrogates surrogates;
  CHECK(surrogates.joined(R"("\ude00")") == R"("\ufffd")");
  CHECK(surrogates.joined(R"("\ud83d x")") == R"("\ufffd x")");
  CHECK(surrogates.joined(R"("\ud83d\u0041")") == R"("\ufffd\u0041")");
}
