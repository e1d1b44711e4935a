#include <doctest/doctest.h>

#include "chatbot/stream.h"

using namespace chatbot;

TEST_CASE("a position is written as numbers with a dot, and read back") {
  for (const Position& position :
       {Position{}, Position{.seq = 7}, Position{.seq = 7, .offset = 0},
        Position{.seq = 9223372036854775807, .offset = 9223372036854775807}}) {
    CHECK(parsePosition(toText(position)) == position);
  }
  CHECK(toText({.seq = 7}) == "7");
  CHECK(toText({.seq = 7, .offset = 120}) == "7.120");
}

TEST_CASE("what is no position is refused") {
  for (const char* text :
       {"", ".", "1.", ".1", "1.2.3", "-1", "-0", "1.-1", "+1", " 1", "1 ", "x", "1x", "1.x", "0x1",
        "1e3", "9223372036854775808", "1.9223372036854775808"}) {
    CHECK_FALSE(parsePosition(text));
  }
}

TEST_CASE("a delta is an object on one line") {
  CHECK(toJson(StreamDelta{.messageId = "m", .offset = 3, .text = "a\n\"b\""}) ==
        R"({"id":"m","offset":3,"text":"a\n\"b\""})");
}
