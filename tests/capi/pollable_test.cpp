// A descriptor is readable exactly while there is something to read, so that any poll loop is
// right.
#include <random>

#include "support.h"

namespace {

using namespace capi_test;

intptr_t pollable(const Stream& stream) {
  intptr_t handle = 0;
  REQUIRE(chatbot_stream_pollable(stream.get(), &handle, nullptr) == CHATBOT_OK);
  return handle;
}

TEST_CASE("a stream's descriptor is readable exactly while there is an item") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  const intptr_t handle = pollable(started.stream);
  std::mt19937 random(4711);
  int waiting = 1;  // the user's message
  for (int step = 0; step < 500; ++step) {
    CAPTURE(step);
    REQUIRE(isReadable(handle) == (waiting > 0));
    REQUIRE(isReadable(handle) == (waiting > 0));  // a look takes nothing away
    if (random() % 2 == 0) {
      REQUIRE(append(turn, "Step " + std::to_string(step)) == CHATBOT_OK);
      ++waiting;
    } else {
      const chatbot_status wanted = waiting > 0 ? CHATBOT_OK : CHATBOT_WOULD_BLOCK;
      REQUIRE(next(started.stream, 0).status == wanted);
      waiting -= wanted == CHATBOT_OK ? 1 : 0;
    }
  }
}

TEST_CASE("a stream's descriptor is readable while a part of a frame is left") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  const intptr_t handle = pollable(started.stream);
  char buffer[16];
  std::size_t written = 0;
  std::mt19937 random(4711);
  for (int step = 0; step < 500; ++step) {
    CAPTURE(step);
    const bool readable = isReadable(handle);
    const std::size_t capacity = 1 + random() % sizeof buffer;
    const chatbot_status status =
        chatbot_stream_read(started.stream.get(), 0, buffer, capacity, &written, nullptr);
    REQUIRE(status == (readable ? CHATBOT_OK : CHATBOT_WOULD_BLOCK));
    if (!readable) REQUIRE(append(turn, "Step " + std::to_string(step)) == CHATBOT_OK);
  }
}

TEST_CASE("a stream's descriptor stays as it is for a stream that has ended") {
  const Bench bench;
  const Started started = bench.start();
  const intptr_t handle = pollable(started.stream);
  REQUIRE(next(started.stream, 0).status == CHATBOT_OK);
  CHECK(!isReadable(handle));
  REQUIRE(finish(bench.take()) == CHATBOT_OK);
  for (int i = 0; i < 3; ++i) {
    CHECK(isReadable(handle, kSoonMs));
    CHECK(next(started.stream, 0).status == CHATBOT_END);
  }
}

TEST_CASE("a descriptor that is asked for late tells what is there already") {
  const Bench bench;
  const Started full = bench.start();
  CHECK(isReadable(pollable(full.stream)));
  const Started drained = bench.start();
  REQUIRE(next(drained.stream, 0).status == CHATBOT_OK);
  CHECK(!isReadable(pollable(drained.stream)));
  CHECK(pollable(drained.stream) == pollable(drained.stream));
}

TEST_CASE("a cancel and a shutdown make a stream readable") {
  const Bench bench;
  const Started cancelled = bench.start();
  const Started shutDown = bench.start();
  for (const Started* started : {&cancelled, &shutDown}) {
    REQUIRE(next(started->stream, 0).status == CHATBOT_OK);
    REQUIRE(!isReadable(pollable(started->stream)));
  }
  chatbot_stream_cancel(cancelled.stream.get());
  CHECK(isReadable(pollable(cancelled.stream)));
  CHECK(!isReadable(pollable(shutDown.stream)));
  REQUIRE(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  CHECK(isReadable(pollable(shutDown.stream)));
}

TEST_CASE("a deadline inside makes a stream readable") {
  const Bench bench({{"responder", "host"}, {"keepaliveMs", "10"}});
  const Started started = bench.start();
  char buffer[4096];
  std::size_t written = 0;
  const auto read = [&] {
    return chatbot_stream_read(started.stream.get(), 0, buffer, sizeof buffer, &written, nullptr);
  };
  REQUIRE(read() == CHATBOT_OK);
  CHECK(isReadable(pollable(started.stream), kSoonMs));
  REQUIRE(read() == CHATBOT_OK);
  CHECK(std::string(buffer, written) == ": keepalive\n\n");
}

TEST_CASE("the turns' descriptor is readable exactly while one is waiting") {
  const Bench bench;
  intptr_t handle = 0;
  REQUIRE(chatbot_turn_pollable(bench.engine.get(), &handle, nullptr) == CHATBOT_OK);
  CHECK(!isReadable(handle));
  const Started first = bench.start();
  const Started second = bench.start();
  CHECK(isReadable(handle));
  const Turn one = bench.take();
  CHECK(isReadable(handle));
  const Turn other = bench.take();
  CHECK(!isReadable(handle));
}

}  // namespace
