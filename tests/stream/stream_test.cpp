#include "chatbot/stream.h"

#include <doctest/doctest.h>

#include <array>
#include <future>
#include <thread>

#include "chatbot/error.h"
#include "stream/stream_fixture.h"
#include "support/flaky_store.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

bool readable(Stream& stream) { return test::readable(stream.pollable()); }

// Waits for the level: a timer's thread may be about to set it.
bool becomesReadable(Stream& stream) { return test::readable(stream.pollable(), 10'000); }

}  // namespace

TEST_CASE("stored items come first, then live ones, then the end") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin(user("ann"), "prompt");
  fixture.append(workflow, "stored");
  const auto stream = fixture.open(workflow);

  CHECK(textOf(stream->next(kTry).item) == "prompt");
  CHECK(textOf(stream->next(kTry).item) == "stored");
  CHECK(stream->next(kTry).kind == Kind::none);
  fixture.append(workflow, "live");
  const StreamEvent live = stream->next(kTry);
  CHECK(textOf(live.item) == "live");
  CHECK(live.item->seq == 3);
  CHECK(stream->end() == StreamEnd::open);
  fixture.end(workflow, WorkflowStatus::error);
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->next(kForever).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::finished);
  CHECK(stream->status() == WorkflowStatus::error);
}

TEST_CASE("a stream starts after the place that it is given") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  for (const char* text : {"2", "3", "4"}) fixture.append(workflow, text);
  const auto stream = fixture.open(workflow, {.after = {.seq = 2}});
  CHECK(stream->next(kTry).item->seq == 3);
  CHECK(stream->next(kTry).item->seq == 4);
  CHECK(stream->next(kTry).kind == Kind::none);
}

TEST_CASE("a stream of a round shows that round alone and ends with it, whatever follows") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin(user("ann"), "one");
  const auto stream = fixture.open(workflow, {.round = 1});
  fixture.append(workflow, "of one");
  fixture.end(workflow);
  beginRound(*fixture.store, Scope::system(), workflow.id, textMessage("two", "user", "first"));
  fixture.append(workflow, "of two", 2);

  CHECK(textOf(stream->next(kTry).item) == "one");
  CHECK(textOf(stream->next(kTry).item) == "of one");
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::finished);
}

TEST_CASE("a workflow that is not running is shown and ends at once") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  fixture.end(workflow);
  const auto stream = fixture.open(workflow);
  CHECK(stream->next(kForever).kind == Kind::item);
  CHECK(stream->next(kForever).kind == Kind::end);
}

TEST_CASE("a waiting reader is woken by an item, an end, a removal and a cancel") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  stream->next(kTry);
  auto waiting = std::async(std::launch::async, [&] { return stream->next(kForever); });
  SUBCASE("item") {
    fixture.append(workflow, "now");
    CHECK(textOf(waiting.get().item) == "now");
  }
  SUBCASE("end") {
    fixture.end(workflow);
    CHECK(waiting.get().kind == Kind::end);
    CHECK(stream->end() == StreamEnd::finished);
  }
  SUBCASE("removal") {
    fixture.store->remove(Scope::system(), workflow.id);
    CHECK(waiting.get().kind == Kind::end);
    CHECK(stream->end() == StreamEnd::removed);
  }
  SUBCASE("cancel") {
    stream->cancel();
    CHECK(waiting.get().kind == Kind::end);
    CHECK(stream->end() == StreamEnd::cancelled);
  }
  SUBCASE("close") {
    fixture.hub.close();
    CHECK(waiting.get().kind == Kind::end);
    CHECK(stream->end() == StreamEnd::shutdown);
  }
}

TEST_CASE("the first end holds") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  stream->cancel();
  stream->cancel();
  fixture.store->remove(Scope::system(), workflow.id);
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::cancelled);
}

TEST_CASE("a keepalive comes after each silence of the given length, never before") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  stream->next(kTry);
  fixture.environment->advance(14'999ms);
  CHECK(stream->next(kTry).kind == Kind::none);
  fixture.environment->advance(1ms);
  CHECK(stream->next(kTry).kind == Kind::keepalive);
  CHECK(stream->next(kTry).kind == Kind::none);
  fixture.environment->advance(10s);
  fixture.append(workflow, "breaks the silence");
  CHECK(stream->next(kTry).kind == Kind::item);
  fixture.environment->advance(10s);
  CHECK(stream->next(kTry).kind == Kind::none);
  fixture.environment->advance(5s);
  CHECK(stream->next(kTry).kind == Kind::keepalive);
}

TEST_CASE("a stream ends when its lifetime is over, even with items left") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  fixture.environment->advance(300s);
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::expired);
}

TEST_CASE("the descriptor is readable exactly while next would not wait") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  CHECK(readable(*stream));  // the stored prompt
  stream->next(kTry);
  CHECK_FALSE(readable(*stream));
  fixture.append(workflow, "a");
  fixture.append(workflow, "b");
  CHECK(readable(*stream));
  stream->next(kTry);
  CHECK(readable(*stream));
  stream->next(kTry);
  CHECK_FALSE(readable(*stream));

  stream->setBacklog(true);
  CHECK(readable(*stream));
  stream->setBacklog(false);
  CHECK_FALSE(readable(*stream));

  fixture.environment->advance(15s);
  CHECK(becomesReadable(*stream));
  CHECK(stream->next(kTry).kind == Kind::keepalive);
  CHECK_FALSE(readable(*stream));
  fixture.environment->advance(15s);
  CHECK(becomesReadable(*stream));  // the timer goes on after a keepalive
  CHECK(stream->next(kTry).kind == Kind::keepalive);
  fixture.environment->advance(270s);
  CHECK(becomesReadable(*stream));
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(readable(*stream));
}

TEST_CASE("items of other workflows wake nobody") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const Workflow other = fixture.begin();
  const auto stream = fixture.open(workflow);
  stream->next(kTry);
  fixture.append(other, "not yours");
  fixture.store->remove(Scope::system(), other.id);
  CHECK_FALSE(readable(*stream));
  CHECK(stream->next(kTry).kind == Kind::none);
}

TEST_CASE("a reader far behind reads everything, in order") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  const std::string large(40'000, 'x');
  std::vector<ItemContent> many(1500, textLog("small"));
  fixture.store->append(Scope::system(), {workflow.id, 1}, many);
  for (int i = 0; i < 5; ++i) fixture.append(workflow, large);
  fixture.end(workflow);
  for (std::int64_t seq = 1; seq <= 1506; ++seq) {
    const StreamEvent event = stream->next(kTry);
    REQUIRE(event.kind == Kind::item);
    REQUIRE(event.item->seq == seq);
  }
  CHECK(stream->next(kTry).kind == Kind::end);
}

TEST_CASE("a caller that may read no longer is ended by revalidate, the others are not") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow);
  fixture.hub.revalidate();
  CHECK(stream->next(kTry).kind == Kind::item);
  fixture.mayRead = false;
  fixture.hub.revalidate();
  CHECK(readable(*stream));
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::denied);
}

TEST_CASE("a store that fails for a moment costs no item") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto flaky = std::make_shared<FlakyStore>(fixture.store);
  flaky->failing = true;
  StreamHub hub(flaky, fixture.environment, {});
  const auto stream =
      hub.open(hub.reserve(user("ann")), Scope::system(), workflow.id, {}, [] { return true; });
  CHECK(stream->next(kTry).kind == Kind::none);
  CHECK_FALSE(readable(*stream));
  flaky->failing = false;
  fixture.environment->advance(500ms);
  CHECK(stream->next(kTry).item->seq == 1);
}

TEST_CASE("a hint that comes while the store is read is not lost") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  // Appends an item right behind the first look that finds none.
  const auto late = std::make_shared<FlakyStore>(fixture.store);
  StreamHub hub(late, fixture.environment, {});
  fixture.store->onChange([&](const Change& change) { hub.notify(change); });
  const auto stream = hub.open(hub.reserve(user("ann")), Scope::system(), workflow.id,
                               {.after = {.seq = 1}}, [] { return true; });
  late->afterTail = [&] {
    late->afterTail = nullptr;
    fixture.append(workflow, "at last");
  };
  CHECK(textOf(stream->next(kTry).item) == "at last");
}

TEST_CASE("a round's stream ends though a later round has more items than a look takes") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  const auto stream = fixture.open(workflow, {.round = 1});
  fixture.end(workflow);
  beginRound(*fixture.store, Scope::system(), workflow.id, textMessage("two", "user", "first"));
  fixture.store->append(Scope::system(), {workflow.id, 2},
                        std::vector<ItemContent>(1000, textLog("x")));
  CHECK(stream->next(kTry).item->seq == 1);
  CHECK(stream->next(kTry).kind == Kind::end);
}

TEST_CASE("a caller that lost its right before the stream was open is shown nothing") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  fixture.mayRead = false;
  const auto stream = fixture.open(workflow);
  CHECK(stream->next(kTry).kind == Kind::end);
  CHECK(stream->end() == StreamEnd::denied);
}
