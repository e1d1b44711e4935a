#include <doctest/doctest.h>

#include <array>
#include <future>
#include <set>
#include <vector>

#include "chatbot/error.h"
#include "stream/stream_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

struct WaitFixture : StreamFixture {
  // A stream that has nothing to read.
  std::unique_ptr<Stream> idle(const Workflow& workflow) {
    std::unique_ptr<Stream> stream = open(workflow);
    while (stream->next(kTry).kind != StreamEvent::Kind::none) {
    }
    return stream;
  }

  std::vector<std::uint64_t> wait(std::size_t capacity = 16, Timeout timeout = kTry) {
    std::vector<std::uint64_t> tokens(capacity);
    tokens.resize(set.wait(timeout, tokens).count);
    return tokens;
  }

  WaitSet set{environment};
};

using Tokens = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a wait answers the streams that are ready, again and again until they are read") {
  WaitFixture fixture;
  const Workflow first = fixture.begin();
  const Workflow second = fixture.begin();
  const auto one = fixture.idle(first);
  const auto two = fixture.idle(second);
  fixture.set.add(*one, 1);
  fixture.set.add(*two, 2);
  CHECK(fixture.wait().empty());
  fixture.append(second, "news");
  CHECK(fixture.wait() == Tokens{2});
  CHECK(fixture.wait() == Tokens{2});
  CHECK(two->next(kTry).kind == StreamEvent::Kind::item);
  CHECK(fixture.wait().empty());
}

TEST_CASE("a stream that is ready when it is added is answered") {
  WaitFixture fixture;
  const auto stream = fixture.open(fixture.begin());
  fixture.set.add(*stream, 7);
  CHECK(fixture.wait() == Tokens{7});
}

TEST_CASE("with more ready streams than room, all have their turn") {
  WaitFixture fixture;
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::uint64_t token = 0; token < 10; ++token) {
    streams.push_back(fixture.open(fixture.begin()));
    fixture.set.add(*streams.back(), token);
  }
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 4; ++i) {
    const Tokens tokens = fixture.wait(3);
    CHECK(tokens.size() == 3);
    seen.insert(tokens.begin(), tokens.end());
  }
  CHECK(seen.size() == 10);
}

TEST_CASE("a wake ends the wait that runs or the next one, once") {
  WaitFixture fixture;
  fixture.set.wake();
  fixture.set.wake();
  CHECK(fixture.set.wait(kForever, {}).woken);
  CHECK_FALSE(fixture.set.wait(kTry, {}).woken);
  auto waiting = std::async(std::launch::async, [&] { return fixture.set.wait(kForever, {}); });
  fixture.set.wake();
  CHECK(waiting.get().woken);
}

TEST_CASE("a waiting thread is woken by a stream that becomes ready") {
  WaitFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.idle(workflow);
  fixture.set.add(*stream, 3);
  auto waiting = std::async(std::launch::async, [&] { return fixture.wait(1, kForever); });
  SUBCASE("item") { fixture.append(workflow, "news"); }
  SUBCASE("cancel") { stream->cancel(); }
  SUBCASE("keepalive") { fixture.environment->advance(16s); }
  SUBCASE("shutdown") { fixture.hub.close(); }
  CHECK(waiting.get() == Tokens{3});
}

TEST_CASE("a wait gives up when its time is over") {
  WaitFixture fixture;
  auto waiting = std::async(std::launch::async, [&] { return fixture.wait(1, 5ms); });
  while (waiting.wait_for(1ms) != std::future_status::ready) fixture.environment->advance(1ms);
  CHECK(waiting.get().empty());
}

TEST_CASE("the set's descriptor is readable exactly while a wait would not wait") {
  WaitFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.idle(workflow);
  fixture.set.add(*stream, 1);
  const int descriptor = fixture.set.pollable();
  CHECK_FALSE(readable(descriptor));
  fixture.append(workflow, "news");
  CHECK(readable(descriptor));
  fixture.wait();
  CHECK(readable(descriptor));
  stream->next(kTry);
  CHECK_FALSE(readable(descriptor));
  fixture.set.wake();
  CHECK(readable(descriptor));
  fixture.wait();
  CHECK_FALSE(readable(descriptor));
}

TEST_CASE("a stream is in one set at most") {
  WaitFixture fixture;
  WaitSet other(fixture.environment);
  const auto stream = fixture.open(fixture.begin());
  fixture.set.add(*stream, 1);
  CHECK_THROWS_AS(fixture.set.add(*stream, 2), Error);
  CHECK_THROWS_AS(other.add(*stream, 2), Error);
  other.remove(*stream);
  CHECK(fixture.wait() == Tokens{1});
  fixture.set.remove(*stream);
  CHECK(fixture.wait().empty());
  other.add(*stream, 2);
}

TEST_CASE("streams and sets go in any order") {
  WaitFixture fixture;
  auto stream = fixture.open(fixture.begin());
  SUBCASE("the stream first") {
    fixture.set.add(*stream, 1);
    stream.reset();
    CHECK(fixture.wait().empty());
  }
  SUBCASE("the set first") {
    {
      WaitSet brief(fixture.environment);
      brief.add(*stream, 1);
    }
    fixture.set.add(*stream, 2);
    CHECK(fixture.wait() == Tokens{2});
  }
  SUBCASE("the hub before both") {
    fixture.set.add(*stream, 1);
    fixture.hub.close();
    CHECK(fixture.wait() == Tokens{1});
    CHECK(stream->next(kTry).kind == StreamEvent::Kind::end);
  }
}

TEST_CASE("ten thousand idle streams wait in one set, and the one that is ready is found") {
  WaitFixture fixture;
  const Workflow quiet = fixture.begin();
  const Workflow loud = fixture.begin();
  std::vector<std::unique_ptr<Stream>> streams;
  for (std::uint64_t token = 0; token < 10'000; ++token) {
    streams.push_back(fixture.idle(token == 4'321 ? loud : quiet));
    fixture.set.add(*streams.back(), token);
  }
  CHECK(fixture.wait().empty());
  fixture.append(loud, "news");
  CHECK(fixture.wait() == Tokens{4'321});
}
