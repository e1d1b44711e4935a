// Calls that the header allows on any thread, on many at once, for ThreadSanitizer to watch.
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "support.h"

namespace {

using namespace capi_test;

TEST_CASE("a cancel wakes a reader that waits for ever") {
  const Bench bench;
  const Started started = bench.start();
  REQUIRE(next(started.stream).status == CHATBOT_OK);
  std::thread canceller([&] { chatbot_stream_cancel(started.stream.get()); });
  CHECK(next(started.stream, -1).status == CHATBOT_END);
  canceller.join();
  CHECK(endReason(started.stream) == "cancelled");
}

TEST_CASE("a shutdown wakes those who wait for ever") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  REQUIRE(next(started.stream).status == CHATBOT_OK);
  std::thread reader([&] { CHECK(next(started.stream, -1).status == CHATBOT_END); });
  std::thread taker([&] {
    Turn none;
    CHECK(chatbot_turn_take(bench.engine.get(), -1, Out(none), nullptr) == CHATBOT_END);
  });
  CHECK(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  reader.join();
  taker.join();
}

// Takes turns and answers them until the engine is shut down.
void answerAll(const Bench& bench) {
  for (;;) {
    Turn turn;
    if (chatbot_turn_take(bench.engine.get(), -1, Out(turn), nullptr) != CHATBOT_OK) return;
    const auto nothing = [](void*) {};
    chatbot_turn_on_cancel(turn.get(), nothing, nullptr, nothing);
    for (int i = 0; i < 5 && append(turn, "Item") == CHATBOT_OK; ++i) {
      if (chatbot_turn_is_cancelled(turn.get()) == 1) break;
    }
    finish(turn);
  }
}

// Starts a workflow, stops it half-way or not, and reads its stream to the end.
bool converse(const Bench& bench, bool stop, bool cancel) {
  const Started started = bench.start();
  std::thread other([&] {
    if (stop) bench.stop(started.id);
    if (cancel) chatbot_stream_cancel(started.stream.get());
  });
  std::int64_t place = 0;
  bool inOrder = true;
  Next read = next(started.stream);
  for (; read.status == CHATBOT_OK; read = next(started.stream)) {
    inOrder = inOrder && read.place == ++place;
  }
  other.join();
  return inOrder && read.status == CHATBOT_END;
}

TEST_CASE("many threads start, answer, stop, cancel and list at once") {
  const Bench bench;
  std::atomic<int> faults = 0;
  std::vector<std::thread> takers;
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) takers.emplace_back([&] { answerAll(bench); });
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&bench, &faults, i] {
      for (int n = 0; n < 25; ++n) faults += converse(bench, (n + i) % 3 == 0, n % 5 == 0) ? 0 : 1;
    });
  }
  callers.emplace_back([&] {
    for (int n = 0; n < 50; ++n) {
      const std::string_view rules = R"([{"role": "user", "table": "*", "read": "a",
          "create": "a", "update": "a", "delete": "a"}])";
      Bytes list;
      chatbot_access_set_rules(bench.engine.get(), rules.data(), rules.size(), nullptr);
      const chatbot_status status =
          chatbot_list(bench.engine.get(), bench.caller.get(), "", 0, Out(list), nullptr);
      faults += status == CHATBOT_OK ? 0 : 1;
    }
  });
  for (std::thread& caller : callers) caller.join();
  CHECK(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  for (std::thread& taker : takers) taker.join();
  CHECK(faults == 0);
}

// One thread waits and reads for all streams; others append, add, remove, wake, register callbacks,
// cancel and free.
TEST_CASE("a wait set is used from many threads at once") {
  const Bench bench;
  WaitSet set;
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(set), nullptr) == CHATBOT_OK);
  std::atomic<bool> over = false;
  std::thread waiter([&] {
    while (!over) {
      std::array<std::uint64_t, 4> tokens{};
      std::size_t count = 0;
      chatbot_waitset_wait(set.get(), -1, tokens.data(), tokens.size(), &count, nullptr);
    }
  });
  std::thread taker([&] { answerAll(bench); });
  std::vector<std::thread> owners;
  for (std::uint64_t i = 0; i < 3; ++i) {
    owners.emplace_back([&, i] {
      for (int n = 0; n < 40; ++n) {
        std::atomic<int> calls = 0;  // outlives the stream, whose callback counts here
        const Started started = bench.start();
        const auto count = [](void* data) { ++*static_cast<std::atomic<int>*>(data); };
        chatbot_waitset_add(set.get(), started.stream.get(), i, nullptr);
        chatbot_stream_set_notify(started.stream.get(), count, &calls, nullptr);
        std::thread canceller([&] { chatbot_stream_cancel(started.stream.get()); });
        if (n % 2 == 0) chatbot_waitset_remove(set.get(), started.stream.get());
        while (next(started.stream).status == CHATBOT_OK) {
        }
        if (n % 3 == 0) chatbot_stream_set_notify(started.stream.get(), nullptr, nullptr, nullptr);
        chatbot_waitset_wake(set.get());
        canceller.join();
      }
    });
  }
  for (std::thread& owner : owners) owner.join();
  over = true;
  chatbot_waitset_wake(set.get());
  waiter.join();
  CHECK(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  taker.join();
}

// All that any thread may do to a stream, while its reader reads and its writer writes; the stream
// is freed as soon as they have left it.
TEST_CASE("a stream is read while others wait for it, look at it, and at last cancel it") {
  const Bench bench;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    WaitSet set;
    REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(set), nullptr) == CHATBOT_OK);
    Started started = bench.start();
    const Turn turn = bench.take();
    chatbot_stream* const stream = started.stream.get();
    std::atomic<bool> over = false;
    std::atomic<int> destroyed = 0;
    constexpr int kTimes = 30;

    std::vector<std::thread> threads;
    threads.emplace_back([&] {
      for (int i = 0; i < kTimes; ++i) {
        append(turn, "Item");
        chatbot_turn_delta(turn.get(), "word ", 5, nullptr);
      }
    });
    threads.emplace_back([&] {
      const auto nothing = [](void*) {};
      const auto count = [](void* data) { ++*static_cast<std::atomic<int>*>(data); };
      for (int i = 0; i < kTimes; ++i)
        chatbot_stream_set_notify(stream, nothing, &destroyed, count);
    });
    threads.emplace_back([&] {
      for (int i = 0; i < kTimes; ++i) {
        chatbot_waitset_add(set.get(), stream, 1, nullptr);
        chatbot_waitset_remove(set.get(), stream);
      }
      chatbot_waitset_add(set.get(), stream, 1, nullptr);
    });
    threads.emplace_back([&] {
      std::uint64_t token = 0;
      std::size_t count = 0;
      while (!over) chatbot_waitset_wait(set.get(), -1, &token, 1, &count, nullptr);
    });
    threads.emplace_back([&] {
      intptr_t ofStream = -1;
      intptr_t ofSet = -1;
      chatbot_stream_pollable(stream, &ofStream, nullptr);
      chatbot_waitset_pollable(set.get(), &ofSet, nullptr);
      for (int i = 0; i < kTimes; ++i) chatbot_waitset_wake(set.get());
      chatbot_stream_cancel(stream);
      chatbot_stream_cancel(stream);
    });
    readFrames(started.stream);
    CHECK(endReason(started.stream) == "cancelled");
    over = true;
    chatbot_waitset_wake(set.get());
    for (std::thread& thread : threads) thread.join();
    started.stream.reset();
    CHECK(destroyed == kTimes);
  }
}

}  // namespace
