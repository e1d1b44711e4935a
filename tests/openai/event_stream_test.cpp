#include "openai/event_stream.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace chatbot;
using namespace chatbot::openai;

namespace {

using Events = std::vector<std::string>;

// The data of the events, that of an error after "error: ".
class Recorder final : public EventListener {
 public:
  void onData(std::string_view piece) override { data_ += piece; }
  void onEvent(bool isError) override {
    events.push_back((isError ? "error: " : "") + std::exchange(data_, {}));
  }

  Events events;

 private:
  std::string data_;
};

Events read(const std::vector<std::string_view>& pieces) {
  EventStreamReader reader;
  Recorder recorder;
  for (const std::string_view piece : pieces) reader.add(piece, recorder);
  return recorder.events;
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
  CHECK(readWhole("event: message\nid: 7\nretry: 10\nfoo\ndata: x\n\n") == Events{"x"});
  CHECK(readWhole("event: ping\n\ndata: x\n: in the middle\n\n") == Events{"x"});
  CHECK(readWhole("dataset: no\n\nDATA: no\n\n").empty());
}

TEST_CASE("an event without a blank line after it is given at the end") {
  const auto finished = [](std::string_view text) {
    Recorder recorder;
    EventStreamReader reader;
    reader.add(text, recorder);
    reader.finish(recorder);
    return recorder.events;
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

TEST_CASE("an error is an event of that name, or a field of that name") {
  CHECK(readWhole("event: error\ndata: x\n\ndata: y\n\n") == Events{"error: x", "y"});
  CHECK(readWhole("error: {\"a\":1}\n\ndata: y\n\n") == Events{"error: {\"a\":1}", "y"});
  CHECK(readWhole("data: x\nerror: y\ndata: z\n\n") == Events{"x", "error: y", "z"});
  CHECK(readWhole("event: errors\ndata: x\n\n") == Events{"x"});
  CHECK(readWhole("event: error\n\ndata: x\n\n") == Events{"x"});
}

TEST_CASE("lines that stand in no stream of events make it foreign") {
  const auto isForeign = [](std::string_view text) {
    Recorder recorder;
    EventStreamReader reader;
    reader.add(text, recorder);
    reader.finish(recorder);
    return reader.isForeign();
  };
  CHECK(isForeign("<html>\n"));
  CHECK(isForeign("upstream connect error"));
  CHECK(isForeign("HTTP: no\n"));
  CHECK_FALSE(isForeign(": comment\nid: 1\nretry: 2\nevent: x\ndata: y\ndata\n\n"));
  CHECK_FALSE(isForeign(""));
}

TEST_CASE("the text may be cut at any byte") {
  const std::string text =
      ": hello\r\n\r\ndata: gr\xC3\xBC\xC3\x9F"
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
