#include "support.h"

namespace {

using namespace capi_test;

Stream join(const Bench& bench, const std::string& id) {
  Stream stream;
  REQUIRE(chatbot_join(bench.engine.get(), bench.caller.get(), id.data(), id.size(), nullptr, 0, 0,
                       Out(stream), nullptr) == CHATBOT_OK);
  return stream;
}

TEST_CASE("a stream is read as frames or item by item, not both") {
  const Bench bench;
  const Started started = bench.start();
  char buffer[4096];
  std::size_t written = 0;
  const auto read = [&](const Stream& stream) {
    return chatbot_stream_read(stream.get(), 0, buffer, sizeof buffer, &written, nullptr);
  };

  CHECK(read(started.stream) == CHATBOT_OK);
  CHECK(next(started.stream, 0).status == CHATBOT_MISUSE);
  CHECK(read(started.stream) == CHATBOT_WOULD_BLOCK);

  const Stream joined = join(bench, started.id);
  CHECK(next(joined, 0).status == CHATBOT_OK);
  CHECK(read(joined) == CHATBOT_MISUSE);
  CHECK(written == 0);
  CHECK(next(joined, 0).status == CHATBOT_WOULD_BLOCK);
}

TEST_CASE("frames are the same whatever the size of the buffer") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  for (int i = 0; i < 20; ++i) {
    REQUIRE(append(turn, std::string(static_cast<std::size_t>(i) * 50, 'x')) == CHATBOT_OK);
  }
  REQUIRE(finish(turn) == CHATBOT_OK);
  const std::string whole = readFrames(join(bench, started.id), kSoonMs, 1 << 20);
  for (const std::size_t capacity : {1U, 7U, 100U, 1000U}) {
    CAPTURE(capacity);
    CHECK(readFrames(join(bench, started.id), kSoonMs, capacity) == whole);
  }
  CHECK(whole.ends_with("event: end\ndata: {\"status\":\"completed\"}\n\n"));
}

TEST_CASE("a read holds whole frames where they fit") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  for (int i = 0; i < 10; ++i) REQUIRE(append(turn, std::string(200, 'x')) == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  char buffer[1500];
  std::size_t written = 0;
  int reads = 0;
  while (chatbot_stream_read(started.stream.get(), kSoonMs, buffer, sizeof buffer, &written,
                             nullptr) == CHATBOT_OK) {
    CHECK(std::string_view(buffer, written).starts_with("id: "));
    CHECK(std::string_view(buffer, written).ends_with("\n\n"));
    ++reads;
  }
  CHECK(reads > 1);
  CHECK(reads < 11);
}

TEST_CASE("the place of a stream that is read as frames is that of the last whole frame") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  for (int i = 0; i < 5; ++i) REQUIRE(append(turn, std::string(300, 'x')) == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  const std::string whole = readFrames(join(bench, started.id));
  for (const std::size_t capacity : {1U, 100U, 500U, 900U, 1700U, 10'000U}) {
    CAPTURE(capacity);
    const Stream stream = join(bench, started.id);
    std::string buffer(capacity, '\0');
    std::size_t written = 0;
    std::size_t received = 0;
    CHECK(chatbot_stream_place(stream.get()) == std::string("0"));
    while (chatbot_stream_read(stream.get(), 0, buffer.data(), capacity, &written, nullptr) ==
           CHATBOT_OK) {
      received += written;
      const std::size_t end = whole.rfind("\n\n", received - 2);
      const std::size_t frame = whole.rfind("id: ", end);
      const bool none = received < 2 || end == std::string::npos || frame == std::string::npos;
      const std::string place = none ? "0" : std::to_string(std::stoi(whole.substr(frame + 4)));
      REQUIRE(chatbot_stream_place(stream.get()) == place);
    }
  }
}

TEST_CASE("a stream says why it has ended, once it has") {
  const Bench bench;
  const Started stopped = bench.start();
  const Turn turn = bench.take();
  next(stopped.stream);
  CHECK(endReason(stopped.stream) == "open");
  REQUIRE(bench.stop(stopped.id) == CHATBOT_OK);
  CHECK(next(stopped.stream).status == CHATBOT_END);
  CHECK(next(stopped.stream).status == CHATBOT_END);
  CHECK(endReason(stopped.stream) == "stopped");

  const Started deleted = bench.start();
  REQUIRE(chatbot_delete(bench.engine.get(), bench.caller.get(), deleted.id.data(),
                         deleted.id.size(), nullptr) == CHATBOT_OK);
  readFrames(deleted.stream);
  CHECK(endReason(deleted.stream) == "deleted");

  const Started cancelled = bench.start();
  chatbot_stream_cancel(cancelled.stream.get());
  chatbot_stream_cancel(cancelled.stream.get());
  CHECK(next(cancelled.stream, -1).status == CHATBOT_END);
  CHECK(endReason(cancelled.stream) == "cancelled");

  const Started denied = bench.start();
  next(denied.stream);
  REQUIRE(chatbot_access_set_rules(bench.engine.get(), "[]", 2, nullptr) == CHATBOT_OK);
  CHECK(next(denied.stream).status == CHATBOT_END);
  CHECK(endReason(denied.stream) == "denied");
}

TEST_CASE("a stream's life has an end") {
  const Bench bench({{"responder", "host"}, {"streamLifetimeMs", "20"}});
  const Started started = bench.start();
  readFrames(started.stream);
  CHECK(endReason(started.stream) == "expired");
}

TEST_CASE("keepalives are frames, and no items") {
  const Bench bench({{"responder", "host"}, {"keepaliveMs", "5"}});
  const Started started = bench.start();
  const Stream items = join(bench, started.id);
  char buffer[4096];
  std::string frames;
  std::size_t written = 0;
  while (frames.find(": keepalive\n\n") == std::string::npos) {
    REQUIRE(chatbot_stream_read(started.stream.get(), kSoonMs, buffer, sizeof buffer, &written,
                                nullptr) == CHATBOT_OK);
    frames.append(buffer, written);
  }

  // By now one is due on the other stream too; its reader waits on for what is left of its time.
  CHECK(next(items).place == 1);
  CHECK(next(items, 0).status == CHATBOT_WOULD_BLOCK);
  CHECK(next(items, 50).status == CHATBOT_WOULD_BLOCK);
  const Turn turn = bench.take();
  REQUIRE(append(turn, "Good day") == CHATBOT_OK);
  CHECK(next(items).item["item"]["message"] == "Good day");
}

}  // namespace
