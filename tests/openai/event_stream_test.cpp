#include "openai/event_stream.h"

#include <doctest/doctest.h>

#include <vector>

#include "chatbot/error.h"

using namespace chatbot;
using namespace chatbot::openai;

namespace {

using Events = std::vector<std::string>;

Events read(const std::vector<std::string_view>& pieces, std::size_t maxBytes = 1000) {
  EventStreamReader reader(maxBytes);
  Events events;
  for (const std::string_view piece : pieces) {
    reader.add(piece, [&](std::string_view data) { events.emplace_back(data); });
  }
  return events;
}

Events readWhole(std::string_view text) { return read({text}); }

}  // namespace

TEST_CASE("an event is the data before a blank line") {
  CHECK(readWhole("data: one\n\ndata: two\n\n") == Events{"one", "two"});
  CHECK(readWhole("data:no space\n\n") == Events{"no space"});
  CHECK(readWhole("data:  two spaces\n\n") == Events{" two spaces"});
  CHECK(readWhole("data: a\ndata: b\n\n") == Events{"a\nb"});
  CHECK(readWhole("data\n\n") == Events{""});
  CHECK(readWhole("data: kept: colon\n\n") == Events{"kept: colon"});
}

TEST_CASE("comments, other fields and events without data are passed over") {
  CHECK(readWhole(": keepalive\n\n\n\n").empty());
  CHECK(readWhole("event: error\nid: 7\nretry: 10\nfoo\ndata: x\n\n") == Events{"x"});
  CHECK(readWhole("event: ping\n\ndata: x\n: in the middle\n\n") == Events{"x"});
  CHECK(readWhole("dataset: no\n\nDATA: no\n\n").empty());
}

TEST_CASE("an event without a blank line after it is given at the end") {
  const auto finished = [](std::string_view text) {
    Events events;
    EventStreamReader reader(1000);
    const auto add = [&](std::string_view data) { events.emplace_back(data); };
    reader.add(text, add);
    reader.finish(add);
    return events;
  };
  CHECK(finished("data: x") == Events{"x"});
  CHECK(finished("data: x\n") == Events{"x"});
  CHECK(finished("data: x\r\ndata: y\r") == Events{"x\ny"});
  CHECK(finished("data: x\n\n") == Events{"x"});
  CHECK(finished("").empty());
  CHECK(finished(": comment").empty());
}

TEST_CASE("an event that the end cuts off is none before") {
  CHECK(readWhole("data: x").empty());
  CHECK(readWhole("data: x\n").empty());
}

TEST_CASE("lines end with a line feed, a carriage return or both") {
  CHECK(readWhole("data: a\r\rdata: b\r\n\r\ndata: c\n\n") == Events{"a", "b", "c"});
  CHECK(readWhole("data: a\r\ndata: b\r\n\r\n") == Events{"a\nb"});
  CHECK(readWhole("data: a\r\n\n") == Events{"a"});
}

TEST_CASE("a byte order mark at the start is left out, and only there") {
  CHECK(readWhole("\xEF\xBB\xBF"
                  "data: x\n\n") == Events{"x"});
  CHECK(readWhole("\xEF\xBB"
                  "data: x\n\n")
            .empty());
  CHECK(readWhole("data: x\n\n\xEF\xBB\xBF"
                  "data: y\n\n") == Events{"x"});
}

TEST_CASE("the text may be cut at any byte") {
  const std::string text =
      "\xEF\xBB\xBF: hello\r\n\r\ndata: gr\xC3\xBC\xC3\x9F"
      "e \xF0\x9F\x8D\xB0\r\n\r\ndata: {\"a\":\rdata: 1}"
      "\r\r: end\n\ndata: last\n\n";
  const Events whole = readWhole(text);
  CHECK(whole == Events{"gr\xC3\xBC\xC3\x9F"
                        "e \xF0\x9F\x8D\xB0",
                        "{\"a\":\n1}", "last"});
  const std::string_view view = text;
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read({view.substr(0, cut), view.substr(cut)}) == whole);
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(view.substr(i, 1));
  CHECK(read(bytes) == whole);
}

TEST_CASE("a line and an event are bounded") {
  const std::string fits = "data: " + std::string(94, 'x') + "\n\n";
  CHECK(read({fits}, 100).size() == 1);
  const std::string endless(60, 'x');
  CHECK_THROWS_AS(read({endless, endless}, 100), Error);
  const std::string line = "data: " + std::string(50, 'x') + "\n";
  CHECK_THROWS_AS(read({line, line}, 100), Error);
}
