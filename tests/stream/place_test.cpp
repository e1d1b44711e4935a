#include <doctest/doctest.h>

#include "chatbot/stream.h"

using namespace chatbot;

TEST_CASE("a place is written as numbers with a dot, and read back") {
  for (const Place& place : {Place{}, Place{.seq = 7}, Place{.seq = 7, .offset = 0},
                             Place{.seq = 9223372036854775807, .offset = 9223372036854775807}}) {
    CHECK(parsePlace(toText(place)) == place);
  }
  CHECK(toText({.seq = 7}) == "7");
  CHECK(toText({.seq = 7, .offset = 120}) == "7.120");
}

TEST_CASE("what is no place is refused") {
  for (const char* text :
       {"", ".", "1.", ".1", "1.2.3", "-1", "-0", "1.-1", "+1", " 1", "1 ", "x", "1x", "1.x", "0x1",
        "1e3", "9223372036854775808", "1.9223372036854775808"}) {
    CHECK_FALSE(parsePlace(text));
  }
}

TEST_CASE("a delta is an object on one line") {
  CHECK(toJson(StreamDelta{.messageId = "m", .offset = 3, .text = "a\n\"b\""}) ==
        R"({"id":"m","offset":3,"text":"a\n\"b\""})");
}
