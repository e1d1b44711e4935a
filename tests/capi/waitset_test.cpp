// One wait for many streams, and what else tells a host that a stream is ready.
#include <atomic>
#include <set>

#include "support.h"

namespace {

using namespace capi_test;

using Tokens = std::vector<std::uint64_t>;

// An engine with a wait set; streams without anything to read.
struct WaitBench : Bench {
  explicit WaitBench(Settings settings = {{"responder", "host"},
                                          {"rateLimit", "0"},
                                          {"maxStreamsPerUser", "100000"}})
      : Bench(settings) {
    REQUIRE(chatbot_waitset_new(engine.get(), Out(set), nullptr) == CHATBOT_OK);
  }

  Started idle(std::uint64_t token) const {
    Started started = start();
    settle(started.stream);
    REQUIRE(add(started.stream, token) == CHATBOT_OK);
    return started;
  }

  // Another stream of a workflow.
  Stream join(const std::string& id) const {
    Stream stream;
    REQUIRE(chatbot_join(engine.get(), caller.get(), id.data(), id.size(), nullptr, 0, 0,
                         Out(stream), nullptr) == CHATBOT_OK);
    settle(stream);
    return stream;
  }

  static void settle(const Stream& stream) {
    while (next(stream, 0).status == CHATBOT_OK) {
    }
  }

  chatbot_status add(const Stream& stream, std::uint64_t token) const {
    return chatbot_waitset_add(set.get(), stream.get(), token, nullptr);
  }

  WaitSet set;
};

// A callback that counts, and tells when it was let go of.
struct Bell {
  static void ring(void* data) {
    auto& bell = *static_cast<Bell*>(data);
    ++bell.rings;
    bell.rings.notify_all();
  }
  static void destroy(void* data) { ++static_cast<Bell*>(data)->destroyed; }

  chatbot_status hangOn(const Stream& stream) {
    return chatbot_stream_set_notify(stream.get(), ring, this, destroy);
  }

  void await(int count) const {
    for (int seen = rings; seen < count; seen = rings) rings.wait(seen);
  }

  std::atomic<int> rings = 0;
  std::atomic<int> destroyed = 0;
};

TEST_CASE("a wait answers the streams that are ready until they are read") {
  const WaitBench bench;
  const Started one = bench.idle(1);
  const Turn first = bench.take();
  const Started two = bench.idle(2);
  const Turn second = bench.take();
  CHECK(wait(bench.set).empty());
  append(second, "News");
  CHECK(wait(bench.set) == Tokens{2});
  CHECK(wait(bench.set) == Tokens{2});
  bench.settle(two.stream);
  CHECK(wait(bench.set).empty());
  finish(first);
  CHECK(wait(bench.set, kSoonMs) == Tokens{1});
}

TEST_CASE("with more ready streams than room, all have their turn") {
  const WaitBench bench;
  std::vector<Started> all;
  for (std::uint64_t token = 0; token < 7; ++token) {
    all.push_back(bench.idle(token));
    finish(bench.take());
  }
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 3; ++i) {
    for (const std::uint64_t token : wait(bench.set, 0, 3)) seen.insert(token);
  }
  CHECK(seen.size() == 7);
}

TEST_CASE("a wake is sticky, and several are one") {
  const WaitBench bench;
  std::size_t count = 7;
  chatbot_waitset_wake(bench.set.get());
  chatbot_waitset_wake(bench.set.get());
  CHECK(chatbot_waitset_wait(bench.set.get(), -1, nullptr, 0, &count, nullptr) == CHATBOT_WOKEN);
  CHECK(count == 0);
  CHECK(chatbot_waitset_wait(bench.set.get(), 0, nullptr, 0, &count, nullptr) ==
        CHATBOT_WOULD_BLOCK);
}

TEST_CASE("a stream is in one set at most, and leaves it when it or the set is freed") {
  const WaitBench bench;
  Started started = bench.idle(1);
  const Turn turn = bench.take();
  CHECK(bench.add(started.stream, 2) == CHATBOT_MISUSE);
  WaitSet other;
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(other), nullptr) == CHATBOT_OK);
  chatbot_waitset_remove(other.get(), started.stream.get());
  append(turn, "News");
  CHECK(wait(bench.set) == Tokens{1});
  chatbot_waitset_remove(bench.set.get(), started.stream.get());
  CHECK(wait(bench.set).empty());
  REQUIRE(chatbot_waitset_add(other.get(), started.stream.get(), 3, nullptr) == CHATBOT_OK);
  CHECK(wait(other) == Tokens{3});
  other.reset();
  CHECK(bench.add(started.stream, 4) == CHATBOT_OK);
  CHECK(wait(bench.set) == Tokens{4});
  started.stream.reset();
  CHECK(wait(bench.set).empty());
}

TEST_CASE("the descriptor of a set is readable exactly while a wait would not wait") {
  const WaitBench bench;
  const Started started = bench.idle(1);
  const Turn turn = bench.take();
  intptr_t handle = -1;
  REQUIRE(chatbot_waitset_pollable(bench.set.get(), &handle, nullptr) == CHATBOT_OK);
  CHECK_FALSE(isReadable(handle));
  append(turn, "News");
  CHECK(isReadable(handle));
  wait(bench.set);
  CHECK(isReadable(handle));
  bench.settle(started.stream);
  CHECK_FALSE(isReadable(handle));
}

TEST_CASE("ten thousand idle streams, and the one that is ready is found") {
  const WaitBench bench;
  const Started quiet = bench.start();
  const Turn silent = bench.take();
  const Started loud = bench.start();
  const Turn turn = bench.take();
  std::vector<Stream> streams;
  for (std::uint64_t token = 0; token < 10'000; ++token) {
    streams.push_back(bench.join(token == 7'777 ? loud.id : quiet.id));
    REQUIRE(bench.add(streams.back(), token) == CHATBOT_OK);
  }
  CHECK(wait(bench.set).empty());
  append(turn, "News");
  CHECK(wait(bench.set) == Tokens{7'777});
}

TEST_CASE("a deadline makes the descriptor, the callback and the wait set ready") {
  const WaitBench keepalive({{"responder", "host"}, {"keepaliveMs", "20"}});
  const WaitBench lifetime({{"responder", "host"}, {"streamLifetimeMs", "20"}});
  for (const WaitBench* bench : {&keepalive, &lifetime}) {
    Bell bell;
    const Started started = bench->start();
    readFrames(started.stream, 0);
    REQUIRE(bench->add(started.stream, 1) == CHATBOT_OK);
    intptr_t handle = -1;
    REQUIRE(chatbot_stream_pollable(started.stream.get(), &handle, nullptr) == CHATBOT_OK);
    REQUIRE(bell.hangOn(started.stream) == CHATBOT_OK);
    CHECK(wait(bench->set, kSoonMs) == Tokens{1});
    CHECK(isReadable(handle, static_cast<int>(kSoonMs)));
    bell.await(1);
    chatbot_stream_set_notify(started.stream.get(), nullptr, nullptr, nullptr);
  }
}

TEST_CASE("a callback comes each time that a stream becomes ready after a read found nothing") {
  const WaitBench bench;
  const Started started = bench.idle(1);
  const Turn turn = bench.take();
  Bell bell;
  REQUIRE(bell.hangOn(started.stream) == CHATBOT_OK);
  for (int i = 1; i <= 20; ++i) {
    append(turn, "News");
    bell.await(i);
    bench.settle(started.stream);
  }
  CHECK(bell.rings == 20);
  chatbot_stream_set_notify(started.stream.get(), nullptr, nullptr, nullptr);
  CHECK(bell.destroyed == 1);
}

TEST_CASE("a callback for a stream that is ready already comes at once") {
  const WaitBench bench;
  const Started started = bench.start();
  Bell bell;
  REQUIRE(bell.hangOn(started.stream) == CHATBOT_OK);
  bell.await(1);
  chatbot_stream_set_notify(started.stream.get(), nullptr, nullptr, nullptr);
}

TEST_CASE("a callback that was replaced, taken back or freed is let go of once") {
  const WaitBench bench;
  Started started = bench.idle(1);
  const Turn turn = bench.take();
  Bell first;
  Bell second;
  Bell refused;
  REQUIRE(first.hangOn(started.stream) == CHATBOT_OK);
  REQUIRE(second.hangOn(started.stream) == CHATBOT_OK);
  CHECK(first.destroyed == 1);
  CHECK(refused.hangOn(nullptr) == CHATBOT_INVALID_ARGUMENT);
  CHECK(refused.destroyed == 1);
  append(turn, "News");
  second.await(1);
  started.stream.reset();
  CHECK(second.destroyed == 1);
  CHECK(first.rings == 0);
}

TEST_CASE("a callback may take back itself") {
  struct Once {
    static void ring(void* data) {
      auto& once = *static_cast<Once*>(data);
      chatbot_stream_set_notify(once.stream, nullptr, nullptr, nullptr);
      once.done = true;
      once.done.notify_all();
    }
    chatbot_stream* stream;
    std::atomic<bool> done = false;
  };
  const WaitBench bench;
  const Started started = bench.start();
  Once once{.stream = started.stream.get()};
  REQUIRE(chatbot_stream_set_notify(started.stream.get(), Once::ring, &once, nullptr) ==
          CHATBOT_OK);
  once.done.wait(false);
}

}  // namespace
