// One wait for many streams, and what else tells a host that a stream is ready.
#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "calls.h"

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

chatbot_status setNotify(const Stream& stream, Calls& calls) {
  return chatbot_stream_set_notify(stream.get(), Calls::notify, &calls, Calls::destroy);
}

void takeBack(const Stream& stream) {
  CHECK(chatbot_stream_set_notify(stream.get(), nullptr, nullptr, nullptr) == CHATBOT_OK);
}

intptr_t pollable(const WaitSet& set) {
  intptr_t handle = -1;
  REQUIRE(chatbot_waitset_pollable(set.get(), &handle, nullptr) == CHATBOT_OK);
  return handle;
}

intptr_t pollable(const Stream& stream) {
  intptr_t handle = -1;
  REQUIRE(chatbot_stream_pollable(stream.get(), &handle, nullptr) == CHATBOT_OK);
  return handle;
}

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

TEST_CASE("with more ready streams than room, each comes as often as the others") {
  const WaitBench bench;
  std::vector<Started> all;
  for (std::uint64_t token = 0; token < 7; ++token) {
    all.push_back(bench.idle(token));
    finish(bench.take());
  }
  for (std::size_t capacity = 1; capacity <= 7; ++capacity) {
    CAPTURE(capacity);
    std::vector<int> seen(7);
    for (int i = 0; i < 7; ++i) {
      const Tokens tokens = wait(bench.set, 0, capacity);
      CHECK(tokens.size() == capacity);
      for (const std::uint64_t token : tokens) ++seen[token];
    }
    CHECK(seen == std::vector<int>(7, static_cast<int>(capacity)));
  }
}

TEST_CASE("one that is always ready keeps none from being answered") {
  const WaitBench bench;
  const Started loud = bench.idle(1);
  finish(bench.take());
  const Started quiet = bench.idle(2);
  const Turn turn = bench.take();
  CHECK(wait(bench.set, 0, 1) == Tokens{1});
  append(turn, "News");
  CHECK(wait(bench.set, 0, 1) == Tokens{1});
  CHECK(wait(bench.set, 0, 1) == Tokens{2});
}

TEST_CASE("a wake is sticky, and several are one") {
  const WaitBench bench;
  std::uint64_t token = 0;
  std::size_t count = 7;
  chatbot_waitset_wake(bench.set.get());
  chatbot_waitset_wake(bench.set.get());
  CHECK(chatbot_waitset_wait(bench.set.get(), -1, &token, 1, &count, nullptr) == CHATBOT_WOKEN);
  CHECK(count == 0);
  CHECK(chatbot_waitset_wait(bench.set.get(), 0, &token, 1, &count, nullptr) ==
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

TEST_CASE("a wake comes with the streams that are ready, and wakes who waits on the descriptor") {
  const WaitBench bench;
  const Started started = bench.idle(7);
  finish(bench.take());
  chatbot_waitset_wake(bench.set.get());
  std::uint64_t token = 0;
  std::size_t count = 0;
  const auto waitOnce = [&] {
    return chatbot_waitset_wait(bench.set.get(), 0, &token, 1, &count, nullptr);
  };
  CHECK(waitOnce() == CHATBOT_WOKEN);
  CHECK(count == 1);
  CHECK(token == 7);
  CHECK(waitOnce() == CHATBOT_OK);

  chatbot_waitset_remove(bench.set.get(), started.stream.get());
  CHECK_FALSE(isReadable(pollable(bench.set)));
  chatbot_waitset_wake(bench.set.get());
  CHECK(isReadable(pollable(bench.set)));
  CHECK(isReadable(pollable(bench.set)));
  CHECK(waitOnce() == CHATBOT_WOKEN);
  CHECK(count == 0);
  CHECK_FALSE(isReadable(pollable(bench.set)));
}

TEST_CASE(
    "a thread that waits is woken by an item, a cancel, an added stream, a wake, a shutdown") {
  const WaitBench bench;
  const Started told = bench.idle(1);
  const Turn turn = bench.take();
  const Started cancelled = bench.idle(2);
  const Started added = bench.start();
  std::uint64_t token = 0;
  std::size_t count = 0;
  const auto waitWhile = [&](const auto& act) {
    const auto started = std::chrono::steady_clock::now();
    std::thread other(act);
    const chatbot_status status =
        chatbot_waitset_wait(bench.set.get(), kSoonMs, &token, 1, &count, nullptr);
    other.join();
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::milliseconds(kSoonMs));
    return status;
  };
  CHECK(waitWhile([&] { append(turn, "News"); }) == CHATBOT_OK);
  CHECK(token == 1);
  bench.settle(told.stream);
  CHECK(waitWhile([&] { chatbot_stream_cancel(cancelled.stream.get()); }) == CHATBOT_OK);
  CHECK(token == 2);
  chatbot_waitset_remove(bench.set.get(), cancelled.stream.get());
  CHECK(waitWhile([&] { bench.add(added.stream, 3); }) == CHATBOT_OK);
  CHECK(token == 3);
  bench.settle(added.stream);
  CHECK(waitWhile([&] { chatbot_waitset_wake(bench.set.get()); }) == CHATBOT_WOKEN);
  CHECK(count == 0);
  CHECK(waitWhile([&] { chatbot_engine_shutdown(bench.engine.get()); }) == CHATBOT_OK);
}

TEST_CASE("a wait gives up when its time is over, and only tries where it is 0") {
  const WaitBench bench;
  const Started started = bench.idle(1);
  std::uint64_t token = 7;
  std::size_t count = 7;
  for (const std::int64_t timeout : {0, 1, 20}) {
    CHECK(chatbot_waitset_wait(bench.set.get(), timeout, &token, 1, &count, nullptr) ==
          CHATBOT_WOULD_BLOCK);
    CHECK(count == 0);
  }
}

TEST_CASE("streams of a set that was freed enter another, ready or not") {
  WaitBench bench;
  const Started idle = bench.idle(1);
  const Turn turn = bench.take();
  const Started ready = bench.idle(2);
  finish(bench.take());
  bench.set.reset();
  append(turn, "News");  // nobody waits
  bench.settle(idle.stream);
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(bench.set), nullptr) == CHATBOT_OK);
  REQUIRE(bench.add(idle.stream, 3) == CHATBOT_OK);
  REQUIRE(bench.add(ready.stream, 4) == CHATBOT_OK);
  CHECK(wait(bench.set) == Tokens{4});
  append(turn, "More");
  CHECK(wait(bench.set).size() == 2);
}

TEST_CASE("streams are freed inside a set, the first, the last and one in the middle") {
  const WaitBench bench;
  std::vector<Started> all;
  for (std::uint64_t token = 0; token < 5; ++token) {
    all.push_back(bench.idle(token));
    finish(bench.take());
  }
  for (const std::size_t freed : {0U, 2U, 4U}) all[freed].stream.reset();
  CHECK(wait(bench.set) == Tokens{1, 3});
  CHECK(wait(bench.set) == Tokens{1, 3});
  chatbot_waitset_remove(bench.set.get(), all[3].stream.get());
  CHECK(bench.add(all[3].stream, 9) == CHATBOT_OK);
  CHECK(wait(bench.set) == Tokens{1, 9});
}

TEST_CASE("the descriptor of a set is readable exactly while a wait would not wait") {
  const WaitBench bench;
  std::vector<Started> all;
  std::vector<Turn> turns;
  for (std::uint64_t token = 0; token < 3; ++token) {
    all.push_back(bench.idle(token));
    turns.push_back(bench.take());
  }
  const intptr_t handle = pollable(bench.set);
  std::mt19937 random(4711);
  std::vector<bool> inSet(3, true);
  std::vector<bool> isReady(3, false);
  for (int step = 0; step < 500; ++step) {
    CAPTURE(step);
    const std::size_t which = random() % 3;
    switch (random() % 4) {
      case 0:
        REQUIRE(append(turns[which], "News") == CHATBOT_OK);
        isReady[which] = true;
        break;
      case 1:
        bench.settle(all[which].stream);
        isReady[which] = false;
        break;
      case 2:
        chatbot_waitset_remove(bench.set.get(), all[which].stream.get());
        inSet[which] = false;
        break;
      default:
        REQUIRE(bench.add(all[which].stream, which) ==
                (inSet[which] ? CHATBOT_MISUSE : CHATBOT_OK));
        inSet[which] = true;
    }
    Tokens wanted;
    for (std::uint64_t token = 0; token < 3; ++token) {
      if (inSet[token] && isReady[token]) wanted.push_back(token);
    }
    REQUIRE(isReadable(handle) == !wanted.empty());
    Tokens tokens = wait(bench.set);
    std::sort(tokens.begin(), tokens.end());
    REQUIRE(tokens == wanted);
    REQUIRE(isReadable(handle) == !wanted.empty());
  }
}

TEST_CASE("ten thousand idle streams, and those that are ready are found") {
  const WaitBench bench;
  const Started quiet = bench.start();
  const Turn silent = bench.take();
  std::vector<Started> loud;
  std::vector<Turn> turns;
  for (int i = 0; i < 3; ++i) {
    loud.push_back(bench.start());
    turns.push_back(bench.take());
  }
  std::vector<Stream> streams;
  for (std::uint64_t token = 0; token < 10'000; ++token) {
    streams.push_back(bench.join(token % 3'333 == 0 ? loud[token / 3'333 % 3].id : quiet.id));
    REQUIRE(bench.add(streams.back(), token) == CHATBOT_OK);
  }
  const intptr_t handle = pollable(bench.set);
  CHECK(wait(bench.set).empty());
  CHECK_FALSE(isReadable(handle));
  append(turns[1], "News");
  CHECK(isReadable(handle));
  CHECK(wait(bench.set) == Tokens{3'333});
  append(turns[2], "News");
  CHECK(wait(bench.set).size() == 2);
  bench.settle(streams[3'333]);
  CHECK(wait(bench.set) == Tokens{6'666});
  bench.settle(streams[6'666]);
  append(turns[0], "News");
  CHECK(wait(bench.set).size() == 2);  // its first stream and its last
  bench.settle(streams[0]);
  bench.settle(streams[9'999]);
  CHECK(wait(bench.set).empty());
  CHECK_FALSE(isReadable(handle));

  append(silent, "At last");
  std::vector<int> seen(streams.size());
  std::size_t answered = 0;
  while (answered < streams.size() - 4) {
    const Tokens tokens = wait(bench.set, 0, 256);
    REQUIRE(!tokens.empty());
    for (const std::uint64_t token : tokens) {
      REQUIRE(++seen[token] == 1);
      bench.settle(streams[token]);
    }
    answered += tokens.size();
  }
  CHECK(wait(bench.set).empty());
}

TEST_CASE("a deadline makes the descriptor, the callback and the wait set ready") {
  const WaitBench keepalive({{"responder", "host"}, {"keepaliveMs", "20"}});
  const WaitBench lifetime({{"responder", "host"}, {"streamLifetimeMs", "20"}});
  for (const WaitBench* bench : {&keepalive, &lifetime}) {
    Calls calls;
    const Started started = bench->start();
    readFrames(started.stream, 0);
    REQUIRE(bench->add(started.stream, 1) == CHATBOT_OK);
    REQUIRE(setNotify(started.stream, calls) == CHATBOT_OK);
    CHECK(wait(bench->set, kSoonMs) == Tokens{1});
    CHECK(isReadable(pollable(started.stream)));
    CHECK(isReadable(pollable(bench->set)));
    CHECK(calls.reaches(&Calls::notified, 1));
    takeBack(started.stream);
  }
}

TEST_CASE("each keepalive that is read is followed by another, for a wait set as for a callback") {
  const WaitBench bench({{"responder", "host"}, {"keepaliveMs", "5"}});
  Calls calls;
  const Started started = bench.start();
  readFrames(started.stream, 0);
  REQUIRE(bench.add(started.stream, 1) == CHATBOT_OK);
  REQUIRE(setNotify(started.stream, calls) == CHATBOT_OK);
  for (int i = 1; i <= 5; ++i) {
    CHECK(wait(bench.set, kSoonMs) == Tokens{1});
    CHECK(calls.reaches(&Calls::notified, i));
    char buffer[256];
    std::size_t written = 0;
    REQUIRE(chatbot_stream_read(started.stream.get(), 0, buffer, sizeof buffer, &written,
                                nullptr) == CHATBOT_OK);
    CHECK(std::string_view(buffer, written) == ": keepalive\n\n");
  }
  takeBack(started.stream);
}

TEST_CASE("a callback comes each time that a stream becomes ready after a read found nothing") {
  const WaitBench bench;
  Calls calls;
  const Started started = bench.idle(1);
  const Turn turn = bench.take();
  REQUIRE(setNotify(started.stream, calls) == CHATBOT_OK);
  for (int i = 1; i <= 20; ++i) {
    append(turn, "News");
    append(turn, "More of it");
    CHECK(calls.reaches(&Calls::notified, i));
    bench.settle(started.stream);
  }
  takeBack(started.stream);
  CHECK(calls.get(&Calls::notified) == 20);
  CHECK(calls.get(&Calls::destroyed) == 1);
}

TEST_CASE("a callback comes for a cancel, a stop and a shutdown") {
  const WaitBench bench;
  std::vector<Calls> calls(3);
  std::vector<Started> all;
  for (std::uint64_t i = 0; i < 3; ++i) {
    all.push_back(bench.idle(i));
    REQUIRE(setNotify(all[i].stream, calls[i]) == CHATBOT_OK);
  }
  chatbot_stream_cancel(all[0].stream.get());
  REQUIRE(bench.stop(all[1].id) == CHATBOT_OK);
  for (int i : {0, 1}) CHECK(calls[static_cast<std::size_t>(i)].reaches(&Calls::notified, 1));
  CHECK(calls[2].get(&Calls::notified) == 0);
  REQUIRE(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  CHECK(calls[2].get(&Calls::notified) == 1);
  for (const Started& started : all) takeBack(started.stream);
  for (Calls& each : calls) CHECK(each.get(&Calls::destroyed) == 1);
}

TEST_CASE("a callback for a stream that is ready already comes at once") {
  const WaitBench bench;
  Calls calls;
  Calls other;
  const Started started = bench.start();
  REQUIRE(setNotify(started.stream, calls) == CHATBOT_OK);
  CHECK(calls.reaches(&Calls::notified, 1));
  REQUIRE(setNotify(started.stream, other) == CHATBOT_OK);
  CHECK(other.reaches(&Calls::notified, 1));
  takeBack(started.stream);
}

TEST_CASE("a callback that is registered after a shutdown comes, or is refused") {
  const WaitBench bench;
  Calls calls;
  const Started started = bench.idle(1);
  REQUIRE(chatbot_engine_shutdown(bench.engine.get()) == CHATBOT_OK);
  const chatbot_status status = setNotify(started.stream, calls);
  CHECK((status == CHATBOT_UNAVAILABLE || calls.reaches(&Calls::notified, 1)));
  takeBack(started.stream);
  CHECK(calls.get(&Calls::destroyed) == 1);
}

TEST_CASE("a callback that was replaced, taken back or freed is let go of once") {
  const WaitBench bench;
  Calls first;
  Calls second;
  Calls refused;
  Started started = bench.idle(1);
  const Turn turn = bench.take();
  REQUIRE(setNotify(started.stream, first) == CHATBOT_OK);
  REQUIRE(setNotify(started.stream, second) == CHATBOT_OK);
  CHECK(first.get(&Calls::destroyed) == 1);
  CHECK(setNotify(Stream(), refused) == CHATBOT_INVALID_ARGUMENT);
  CHECK(refused.get(&Calls::destroyed) == 1);
  append(turn, "News");
  CHECK(second.reaches(&Calls::notified, 1));
  started.stream.reset();
  CHECK(second.get(&Calls::destroyed) == 1);
  CHECK(first.get(&Calls::notified) == 0);
}

TEST_CASE("a callback may take back itself") {
  struct Once {
    static void ring(void* data) {
      auto& once = *static_cast<Once*>(data);
      chatbot_stream_set_notify(once.stream, nullptr, nullptr, nullptr);
      once.calls.add(&Calls::notified);
    }
    static void destroy(void* data) { static_cast<Once*>(data)->calls.add(&Calls::destroyed); }
    chatbot_stream* stream = nullptr;
    Calls calls{};
  };
  const WaitBench bench;
  Once once;
  const Started started = bench.start();
  const Turn turn = bench.take();
  once.stream = started.stream.get();
  REQUIRE(chatbot_stream_set_notify(started.stream.get(), Once::ring, &once, Once::destroy) ==
          CHATBOT_OK);
  CHECK(once.calls.reaches(&Calls::destroyed, 1));
  bench.settle(started.stream);
  append(turn, "News");
  takeBack(started.stream);
  CHECK(once.calls.get(&Calls::notified) == 1);
  CHECK(once.calls.get(&Calls::destroyed) == 1);
}

// Does `act` while the stream's callback is being held, and lets it go.
template <typename Act>
void whileCalledBack(Act act) {
  const WaitBench bench;
  Gate gate;
  Started started = bench.start();
  REQUIRE(chatbot_stream_set_notify(started.stream.get(), Gate::hold, &gate, nullptr) ==
          CHATBOT_OK);
  gate.awaitEntered();
  std::thread opener([&] { gate.letGo(); });
  act(started.stream);
  CHECK(gate.hasLeft());
  opener.join();
}

TEST_CASE("a callback that was taken back or replaced does not run any more") {
  whileCalledBack([](const Stream& stream) { takeBack(stream); });
  whileCalledBack([](const Stream& stream) {
    Calls calls;
    CHECK(setNotify(stream, calls) == CHATBOT_OK);
    takeBack(stream);
  });
}

TEST_CASE("a callback of a stream that was freed does not run any more") {
  whileCalledBack([](Stream& stream) { stream.reset(); });
}

TEST_CASE("a callback that runs delays neither an append nor another stream's reader") {
  const WaitBench bench;
  Gate gate;
  const Started held = bench.start();
  const Turn turn = bench.take();
  REQUIRE(chatbot_stream_set_notify(held.stream.get(), Gate::hold, &gate, nullptr) == CHATBOT_OK);
  gate.awaitEntered();
  CHECK(append(turn, "News") == CHATBOT_OK);
  const Started other = bench.idle(1);
  const Turn answer = bench.take();
  CHECK(append(answer, "News") == CHATBOT_OK);
  CHECK(wait(bench.set) == Tokens{1});
  bench.settle(held.stream);
  gate.letGo();
  takeBack(held.stream);
}

}  // namespace
