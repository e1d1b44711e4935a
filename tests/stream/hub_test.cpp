// The limits and the life of many streams, and the property that holds them together: every reader
// of a workflow sees every item once and in order, whenever it came and however it reads.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "chatbot/error.h"
#include "chatbot/stream.h"
#include "support/fixtures.h"
#include "support/often.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

ErrorCode codeOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.retryAfter() > 0);
    return error.code();
  }
  FAIL("nothing was refused");
  return ErrorCode::internal;
}

}  // namespace

TEST_CASE("streams are limited, as a whole and for each user, until one is gone") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  StreamHub hub(fixture.store, fixture.environment,
                {.keepalive = 15s, .lifetime = 300s, .maxStreams = 3, .maxStreamsPerUser = 2});
  const auto open = [&](const Identity& identity) {
    return hub.open(hub.reserve(identity), Scope::system(), workflow.id, {}, [] { return true; });
  };
  auto first = open(user("ann"));
  const auto second = open(user("ann"));
  CHECK(codeOf([&] { open(user("ann")); }) == ErrorCode::unavailable);
  const auto third = open(user("ann", "m2"));  // the same name in another mandate is another user
  CHECK(codeOf([&] { open(user("bob")); }) == ErrorCode::unavailable);
  CHECK(hub.openStreams() == 3);
  first.reset();
  CHECK(hub.openStreams() == 2);
  CHECK_NOTHROW(open(user("bob")));
  CHECK(hub.openStreams() == 2);
}

TEST_CASE("a reserved slot that is not used is given back") {
  StoreFixture fixture;
  StreamHub hub(fixture.store, fixture.environment, {});
  { const StreamHub::Slot slot = hub.reserve(user("ann")); }
  CHECK(hub.openStreams() == 0);
}

TEST_CASE("a closed hub refuses new streams; open ones outlive it") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  auto hub = std::make_unique<StreamHub>(fixture.store, fixture.environment, StreamOptions{});
  const auto stream =
      hub->open(hub->reserve(user("ann")), Scope::system(), workflow.id, {}, [] { return true; });
  hub->close();
  CHECK_THROWS_AS(hub->reserve(user("ann")), Error);
  hub.reset();
  CHECK(stream->next(kForever).kind == StreamEvent::Kind::end);
  CHECK(stream->end() == StreamEnd::shutdown);
}

namespace {

// One workflow, appended to by two threads, and what a subscriber does with it.
struct Broadcast {
  StoreFixture fixture;
  StreamHub hub{
      fixture.store,
      fixture.environment,
      {.keepalive = 15s, .lifetime = 300s, .maxStreams = 1000, .maxStreamsPerUser = 1000}};
  Workflow workflow;

  Broadcast() {
    fixture.store->onChange([this](const Change& change) { hub.notify(change); });
    workflow = fixture.begin();
  }

  std::unique_ptr<Stream> join(std::int64_t after) {
    return hub.open(hub.reserve(user("ann")), Scope::system(), workflow.id,
                    {.after = {.seq = after}}, [] { return true; });
  }
};

// Reads to the end with random pauses, sizes and rejoins. Returns the places in the order seen.
std::vector<std::int64_t> subscribe(Broadcast& broadcast, unsigned seed) {
  std::mt19937 random(seed);
  const auto oneIn = [&](unsigned n) { return random() % n == 0; };
  std::vector<std::int64_t> seen;
  for (auto wait = random() % 2000; wait > 0; --wait) std::this_thread::yield();
  auto stream = broadcast.join(0);
  for (;;) {
    if (oneIn(20)) stream = broadcast.join(seen.empty() ? 0 : seen.back());
    if (oneIn(10)) std::this_thread::yield();
    const StreamEvent event = stream->next(oneIn(2) ? kForever : Timeout(0));
    if (event.kind == StreamEvent::Kind::end) return seen;
    if (event.kind == StreamEvent::Kind::item) seen.push_back(event.item->seq);
  }
}

}  // namespace

TEST_CASE("50 subscribers that come, go, rejoin and dawdle lose, repeat and reorder nothing") {
  const unsigned kRounds = test::often(1U, 3U);
  for (unsigned seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    Broadcast broadcast;
    constexpr std::size_t kSubscribers = 50;
    constexpr int kAppends = 150;
    std::vector<std::vector<std::int64_t>> seen(kSubscribers);
    std::vector<std::thread> readers;
    for (std::size_t i = 0; i < kSubscribers; ++i) {
      readers.emplace_back(
          [&, i] { seen[i] = subscribe(broadcast, seed * 1000 + static_cast<unsigned>(i)); });
    }
    std::vector<std::thread> writers;
    for (unsigned w = 0; w < 2; ++w) {
      writers.emplace_back([&, w] {
        std::mt19937 random(seed + w);
        for (int i = 0; i < kAppends; ++i) {
          const std::vector<ItemContent> items(1 + random() % 3, textLog("x"));
          broadcast.fixture.store->append(Scope::system(), {broadcast.workflow.id, 1}, items);
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    REQUIRE(broadcast.fixture.store->endRound(Scope::system(), {broadcast.workflow.id, 1},
                                              WorkflowStatus::completed, {}));
    for (std::thread& reader : readers) reader.join();

    const std::int64_t last =
        broadcast.fixture.store->find(Scope::system(), broadcast.workflow.id)->lastSeq;
    for (const std::vector<std::int64_t>& places : seen) {
      REQUIRE(places.size() == static_cast<std::size_t>(last));
      for (std::size_t i = 0; i < places.size(); ++i) {
        REQUIRE(places[i] == static_cast<std::int64_t>(i) + 1);
      }
    }
  }
}
