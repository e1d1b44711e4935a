// The bytes of streams.
#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <future>
#include <random>

#include "chatbot/error.h"
#include "chatbot/http.h"
#include "http/mount_fixture.h"
#include "support/flaky_store.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Result = SseStream::Result;

bool readable(SseStream& stream) {
  pollfd entry{.fd = stream.pollable(), .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

struct Read {
  Result result;
  std::string bytes;
};

Read readOnce(SseStream& stream, std::size_t capacity, Timeout timeout = Timeout::zero()) {
  std::string bytes(capacity, '\0');
  std::size_t written = 0;
  const Result result = stream.read(timeout, bytes.data(), capacity, written);
  bytes.resize(written);
  return {result, bytes};
}

struct SseFixture : StoreFixture {
  SseFixture() {
    store->onChange([this](const Change& change) {
      Change told = change;
      if (hintsOnly) told.items = {};
      hub.notify(told);
    });
  }

  std::unique_ptr<SseStream> open(bool endFrame = true) {
    return std::make_unique<SseStream>(hub.open(hub.reserve(user("ann")), Scope::system(),
                                                workflow.id, {}, [this] { return mayRead; }),
                                       endFrame);
  }

  void append(const std::string& text) {
    REQUIRE(store->append(Scope::system(), {workflow.id, 1},
                          std::array<ItemContent, 1>{textLog(text)}));
  }

  void end(WorkflowStatus status = WorkflowStatus::completed) {
    REQUIRE(store->endRound(Scope::system(), {workflow.id, 1}, status, {}));
  }

  std::vector<Item> items() {
    return store->tail(Scope::system(), workflow.id, 0, 1'000, 1'000'000'000)->items;
  }

  std::string frames() {
    std::string all;
    for (const Item& item : items()) all += frameOf(item);
    return all;
  }

  std::size_t frameSize(std::size_t index) { return frameOf(items().at(index)).size(); }

  bool mayRead = true;
  bool hintsOnly = false;  // items are to be found in the store
  std::shared_ptr<FlakyStore> flaky = std::make_shared<FlakyStore>(store);
  StreamHub hub{flaky, environment, StreamOptions{}};
  Workflow workflow = begin();
};

constexpr const char* kKeepalive = ": keepalive\n\n";

}  // namespace

TEST_CASE("a frame is its place, its item on one line, and a blank line") {
  SseFixture fixture;
  const auto stream = fixture.open();
  const Read first = readOnce(*stream, 65'536);
  CHECK(first.result == Result::data);
  CHECK(first.bytes == "id: 1\ndata: " + fixture.items()[0].json + "\n\n");
  CHECK(first.bytes.starts_with("id: 1\ndata: {\"type\":\"message\",\"createdAt\":1700000000.0,"));
  CHECK(readOnce(*stream, 65'536).result == Result::wouldBlock);
  fixture.append("a\nb\r\xE2\x80\xA8");
  const Read second = readOnce(*stream, 65'536);
  CHECK(second.bytes == frameOf(fixture.items()[1]));
  CHECK(std::count(second.bytes.begin(), second.bytes.end(), '\n') == 3);
  CHECK(second.bytes.find('\r') == std::string::npos);
}

TEST_CASE("frames that are there come together, as many whole ones as fit") {
  SseFixture fixture;
  for (const char* text : {"two", "three", "four"}) fixture.append(text);
  const std::size_t firstTwo = fixture.frameSize(0) + fixture.frameSize(1);
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}, fixture.frameSize(2) - 1}) {
    CAPTURE(more);
    const auto stream = fixture.open();
    const Read first = readOnce(*stream, firstTwo + more);
    CHECK(first.bytes == fixture.frames().substr(0, firstTwo));
    CHECK(readOnce(*stream, 65'536).bytes == fixture.frames().substr(firstTwo));
  }
}

TEST_CASE("a frame larger than the buffer is split, and no byte is lost or changed") {
  SseFixture fixture;
  fixture.append(std::string(300, 'x') + "\xE2\x82\xAC\n\"");
  fixture.append("short");
  fixture.append(std::string(1'000, 'y'));
  fixture.end(WorkflowStatus::error);
  const std::string expected = fixture.frames() + "event: end\ndata: {\"status\":\"error\"}\n\n";
  for (std::size_t capacity = 1; capacity < 1'500; capacity += capacity < 40 ? 1 : 97) {
    CAPTURE(capacity);
    const auto stream = fixture.open();
    CHECK(readNow(*stream, capacity) == expected);
    CHECK(hasEnded(*stream));
  }
}

TEST_CASE("the rest of a split frame comes first, then whole frames that fit beside it") {
  SseFixture fixture;
  fixture.append("two");
  fixture.append("three");
  const std::size_t first = fixture.frameSize(0);
  const std::size_t second = fixture.frameSize(1);
  const auto stream = fixture.open();
  CHECK(readOnce(*stream, first - 10).bytes == fixture.frames().substr(0, first - 10));
  CHECK(readOnce(*stream, 10 + second + 5).bytes ==
        fixture.frames().substr(first - 10, 10 + second));
}

TEST_CASE("a buffer of random sizes gets the same bytes, live items included") {
  std::mt19937 random(6);
  SseFixture fixture;
  const auto stream = fixture.open();
  std::string bytes;
  for (int i = 0; i < 500; ++i) {
    if (random() % 2) fixture.append(std::string(random() % 400, 'z'));
    for (auto reads = random() % 4; reads > 0; --reads) {
      bytes += readOnce(*stream, 1 + random() % 600).bytes;
    }
  }
  bytes += readNow(*stream);
  CHECK(bytes == fixture.frames());
}

TEST_CASE("a buffer without room takes nothing, and nothing is lost") {
  SseFixture fixture;
  const auto stream = fixture.open();
  char untouched = 'x';
  std::size_t written = 99;
  CHECK(stream->read(Timeout::zero(), &untouched, 0, written) == Result::wouldBlock);
  CHECK(written == 0);
  CHECK(untouched == 'x');
  CHECK(readNow(*stream) == fixture.frames());
}

TEST_CASE("a keepalive is sent when nothing was for 15 s, and again after 15 s more") {
  SseFixture fixture;
  const auto stream = fixture.open();
  CHECK(readNow(*stream) == fixture.frames());
  fixture.environment->advance(14'999ms);
  CHECK(readNow(*stream).empty());
  fixture.environment->advance(1ms);
  CHECK(readNow(*stream) == kKeepalive);
  CHECK(readNow(*stream).empty());
  fixture.environment->advance(15s);
  CHECK(readNow(*stream) == kKeepalive);
  fixture.environment->advance(10s);
  fixture.append("not silent");
  CHECK(readNow(*stream) == frameOf(fixture.items().back()));
  fixture.environment->advance(14s);
  CHECK(readNow(*stream).empty());
}

TEST_CASE("the end of a round is told in a frame, with how it ended") {
  struct Row {
    WorkflowStatus status;
    const char* frame;
  };
  for (const Row& row :
       {Row{WorkflowStatus::completed, "event: end\ndata: {\"status\":\"completed\"}\n\n"},
        Row{WorkflowStatus::stopped, "event: end\ndata: {\"status\":\"stopped\"}\n\n"},
        Row{WorkflowStatus::error, "event: end\ndata: {\"status\":\"error\"}\n\n"}}) {
    SseFixture fixture;
    const auto stream = fixture.open();
    fixture.end(row.status);
    CHECK(readNow(*stream) == fixture.frames() + row.frame);
    for (int i = 0; i < 3; ++i) {
      const Read read = readOnce(*stream, 100, kForever);
      CHECK(read.result == Result::end);
      CHECK(read.bytes.empty());
    }
  }
}

TEST_CASE("a delete is told in a frame too") {
  SseFixture fixture;
  const auto stream = fixture.open();
  readNow(*stream);
  REQUIRE(fixture.store->remove(Scope::system(), fixture.workflow.id));
  CHECK(readNow(*stream) == "event: end\ndata: {\"status\":\"deleted\"}\n\n");
  CHECK(hasEnded(*stream));
}

TEST_CASE("without the end frame the stream just ends") {
  SseFixture fixture;
  const auto stream = fixture.open(false);
  fixture.end();
  CHECK(readNow(*stream) == fixture.frames());
  CHECK(hasEnded(*stream));
}

TEST_CASE("an end that is none of the round's has no frame, so that clients come back") {
  SseFixture fixture;
  const auto stream = fixture.open();
  readNow(*stream);
  SUBCASE("its time is up") { fixture.environment->advance(300s); }
  SUBCASE("it was cancelled") { stream->cancel(); }
  SUBCASE("the engine was shut down") { fixture.hub.close(); }
  SUBCASE("its caller may no longer read") {
    fixture.mayRead = false;
    fixture.hub.revalidate();
  }
  CHECK(readNow(*stream).empty());
  CHECK(hasEnded(*stream));
}

TEST_CASE("a frame that was begun is finished, even if the stream has ended meanwhile") {
  SseFixture fixture;
  const auto stream = fixture.open();
  std::string bytes = readOnce(*stream, 10).bytes;
  stream->cancel();
  bytes += readNow(*stream);
  CHECK(bytes == fixture.frames());
  CHECK(hasEnded(*stream));
}

TEST_CASE("the descriptor is readable while a frame is half read, and until the end is told") {
  SseFixture fixture;
  const auto stream = fixture.open();
  CHECK(readable(*stream));
  const std::size_t size = fixture.frameSize(0);
  CHECK(readOnce(*stream, size - 1).bytes.size() == size - 1);
  CHECK(readable(*stream));
  CHECK(readOnce(*stream, 1).bytes == "\n");
  CHECK_FALSE(readable(*stream));
  fixture.append("more");
  CHECK(readable(*stream));
  readNow(*stream);
  CHECK_FALSE(readable(*stream));
  fixture.end();
  CHECK(readable(*stream));
  CHECK(readOnce(*stream, 10).result == Result::data);
  CHECK(readable(*stream));
  readNow(*stream);
  CHECK(hasEnded(*stream));
  CHECK(readable(*stream));
}

TEST_CASE("a reader that waits is woken by an item, and by a cancel from another thread") {
  SseFixture fixture;
  const auto stream = fixture.open();
  readNow(*stream);
  auto reader = std::async(std::launch::async, [&] { return readOnce(*stream, 65'536, kForever); });
  fixture.append("now");
  CHECK(reader.get().bytes == frameOf(fixture.items().back()));
  reader = std::async(std::launch::async, [&] { return readOnce(*stream, 65'536, kForever); });
  stream->cancel();
  CHECK(reader.get().result == Result::end);
}

TEST_CASE("a reader that waits in vain is told so when its time is over") {
  SseFixture fixture;
  const auto stream = fixture.open();
  readNow(*stream);
  auto reader = std::async(std::launch::async, [&] { return readOnce(*stream, 100, 2ms); });
  while (reader.wait_for(1ms) != std::future_status::ready) fixture.environment->advance(1ms);
  CHECK(reader.get().result == Result::wouldBlock);
}

TEST_CASE("a stream outlives a store that fails, and goes on where it was") {
  SseFixture fixture;
  const auto stream = fixture.open();
  fixture.flaky->failing = true;
  CHECK(readOnce(*stream, 100).result == Result::wouldBlock);
  fixture.flaky->failing = false;
  fixture.environment->advance(500ms);
  CHECK(readNow(*stream) == fixture.frames());
}

TEST_CASE("bytes that were copied before the store failed are not lost") {
  SseFixture fixture;
  const auto stream = fixture.open();
  readNow(*stream);
  fixture.hintsOnly = true;
  fixture.append("seen");
  const Read half = readOnce(*stream, 10);
  fixture.append("unseen");
  fixture.flaky->failing = true;
  const Read rest = readOnce(*stream, 65'536);
  CHECK(half.bytes + rest.bytes == frameOf(fixture.items()[1]));
  CHECK(readOnce(*stream, 100).result == Result::wouldBlock);
  fixture.flaky->failing = false;
  fixture.environment->advance(500ms);
  CHECK(readNow(*stream) == frameOf(fixture.items()[2]));
}

TEST_CASE("the place is that of the last frame that was read to its end") {
  SseFixture fixture;
  const auto stream = fixture.open();
  fixture.append("two");
  CHECK(stream->position() == Position{});
  const std::size_t first = frameOf(fixture.items()[0]).size();
  readOnce(*stream, first);
  CHECK(stream->position() == Position{.seq = 1});
  readOnce(*stream, 10);
  CHECK(stream->position() == Position{.seq = 1});
  readNow(*stream);
  CHECK(stream->position() == Position{.seq = 2});
}
