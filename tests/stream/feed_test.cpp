// What a stream shows of the text that is being written.
#include "stream/feed.h"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "base/text.h"
#include "stream/stream_fixture.h"

using namespace chatbot;
using namespace chatbot::base;
using namespace chatbot::stream;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Kind = StreamEvent::Kind;

// A running workflow and its responder's side.
struct DraftFixture : StreamFixture {
  std::unique_ptr<Stream> follow(Position after = {}) {
    return open(workflow, {.after = after, .round = {}, .deltas = true});
  }

  void openDraft(const std::string& id = "draft") {
    serial = feed->openDraft({.workflowId = workflow.id,
                              .round = workflow.currentRound,
                              .messageId = id,
                              .afterSeq = store->find(Scope::system(), workflow.id)->lastSeq,
                              .text = {}});
    REQUIRE(serial != 0);
  }

  void write(const std::string& text) { REQUIRE(feed->extendDraft(serial, text)); }

  void finish(const std::string& text, const std::string& id = "draft") {
    Message message = textMessage(text);
    message.id = id;
    REQUIRE(store->finishDraft(Scope::system(), {workflow.id, workflow.currentRound},
                               std::array<ItemContent, 1>{message}));
  }

  Workflow workflow = begin(user("ann"), "prompt");
  std::shared_ptr<Feed> feed = hub.feed(workflow.id);
  std::uint64_t serial = 0;
};

// "3 text" for an item, "3.5 offset+text" for a delta, and so on: all that is there.
std::vector<std::string> readAll(Stream& stream) {
  std::vector<std::string> seen;
  for (;;) {
    const StreamEvent event = stream.next(kTry);
    if (event.kind == Kind::none) return seen;
    if (event.kind == Kind::end) {
      seen.emplace_back("end");
      return seen;
    }
    const std::string position = toText(event.position) + " ";
    if (event.kind == Kind::item) seen.push_back(position + textOf(event.item));
    if (event.kind == Kind::delta) {
      seen.push_back(position + std::to_string(event.delta.offset) + "+" + event.delta.text);
    }
  }
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("text that is written comes as deltas, with offsets in code points") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  CHECK(readAll(*stream) == Seen{"1 prompt"});
  fixture.openDraft();
  CHECK(readAll(*stream).empty());
  fixture.write("Gr\u00FC\u00DFe");
  CHECK(readAll(*stream) == Seen{"1.5 0+Gr\u00FC\u00DFe"});
  fixture.write(", \U0001F600");
  CHECK(readAll(*stream) == Seen{"1.8 5+, \U0001F600"});
  fixture.finish("whole");
  fixture.end(fixture.workflow);
  CHECK(readAll(*stream) == Seen{"2 whole", "end"});
}

TEST_CASE("a reader that did not ask for deltas is sent none, and plain places") {
  DraftFixture fixture;
  const auto stream = fixture.open(fixture.workflow);
  fixture.openDraft();
  fixture.write("text");
  fixture.append(fixture.workflow, "log");
  CHECK(readAll(*stream) == Seen{"1 prompt", "2 log"});
  fixture.finish("whole");
  CHECK(readAll(*stream) == Seen{"3 whole"});
}

TEST_CASE("text that a slow reader missed comes joined") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  for (const char* word : {"a ", "b ", "c"}) fixture.write(word);
  CHECK(readAll(*stream) == Seen{"1 prompt", "1.5 0+a b c"});
}

TEST_CASE("items that come while a draft is open keep the reader's place in it") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  fixture.write("abc");
  CHECK(readAll(*stream) == Seen{"1 prompt", "1.3 0+abc"});
  fixture.append(fixture.workflow, "log");
  fixture.write("de");
  CHECK(readAll(*stream) == Seen{"2.3 log", "2.5 3+de"});
  CHECK(stream->position() == Position{.seq = 2, .offset = 5});
}

TEST_CASE("a reader that missed the whole draft reads what it became") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  fixture.write("abc");
  fixture.append(fixture.workflow, "log");
  fixture.finish("abc");
  CHECK(readAll(*stream) == Seen{"1 prompt", "2 log", "3 abc"});
}

TEST_CASE("each draft starts anew") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft("one");
  fixture.write("abc");
  CHECK(readAll(*stream) == Seen{"1 prompt", "1.3 0+abc"});
  fixture.finish("abc", "one");
  fixture.openDraft("two");
  fixture.write("xy");
  CHECK(readAll(*stream) == Seen{"2 abc", "2.2 0+xy"});
}

TEST_CASE("a rejoin goes on at its place in the draft that is still open") {
  DraftFixture fixture;
  fixture.openDraft();
  fixture.write("a\u00E4\u20AC\U0001F600z");
  fixture.append(fixture.workflow, "log");
  CHECK(readAll(*fixture.follow({.seq = 1, .offset = 3})) == Seen{"2.3 log", "2.5 3+\U0001F600z"});
  CHECK(readAll(*fixture.follow({.seq = 2, .offset = 3})) == Seen{"2.5 3+\U0001F600z"});
  CHECK(readAll(*fixture.follow({.seq = 2, .offset = 5})).empty());
  CHECK(fixture.follow({.seq = 2, .offset = 3})->position() == Position{.seq = 2, .offset = 3});
  CHECK(readAll(*fixture.follow({.seq = 2})) == Seen{"2.5 0+a\u00E4\u20AC\U0001F600z"});
}

TEST_CASE("a rejoin whose draft is finished reads the item, and the next draft from its start") {
  DraftFixture fixture;
  fixture.openDraft("one");
  fixture.write("abcdef");
  fixture.finish("abcdef", "one");
  CHECK(readAll(*fixture.follow({.seq = 1, .offset = 4})) == Seen{"2 abcdef"});
  fixture.openDraft("two");
  fixture.write("0123456789");
  CHECK(readAll(*fixture.follow({.seq = 1, .offset = 4})) == Seen{"2 abcdef", "2.10 0+0123456789"});
}

TEST_CASE("a stream of a round shows the draft of that round alone") {
  DraftFixture fixture;
  const auto stream = fixture.open(fixture.workflow, {.after = {}, .round = 1, .deltas = true});
  fixture.openDraft();
  fixture.write("of one");
  CHECK(readAll(*stream) == Seen{"1 prompt", "1.6 0+of one"});
  fixture.finish("of one");
  fixture.end(fixture.workflow);
  fixture.workflow =
      beginRound(*fixture.store, Scope::system(), fixture.workflow.id, textMessage("two", "user"))
          .workflow;
  fixture.openDraft();
  fixture.write("of two");
  CHECK(readAll(*stream) == Seen{"2 of one", "end"});
}

TEST_CASE("a look at the store from before the round does not end its draft") {
  DraftFixture fixture;
  const Workflow before = fixture.store->stop(Scope::system(), {fixture.workflow.id, 1}).workflow;
  fixture.workflow =
      beginRound(*fixture.store, Scope::system(), fixture.workflow.id, textMessage("two", "user"))
          .workflow;
  fixture.openDraft();
  {
    const auto lock = fixture.feed->lock();
    fixture.feed->learn(before);
  }
  fixture.write("of two");
  const auto stream = fixture.follow();
  CHECK(readAll(*stream) == Seen{"1 prompt", "2 two", "2.6 0+of two"});
}

TEST_CASE("a draft of a round that is over cannot be written") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  fixture.write("half");
  fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
  CHECK_FALSE(fixture.feed->extendDraft(fixture.serial, "more"));
  CHECK_FALSE(fixture.feed->openDraft({.workflowId = fixture.workflow.id,
                                       .round = 1,
                                       .messageId = "x",
                                       .afterSeq = 2,
                                       .text = {}}));
  CHECK(readAll(*stream) == Seen{"1 prompt", "2 half", "end"});
}

// The store shows a committed item before the commit is announced.
TEST_CASE("what the draft has become is not met while its text still counts") {
  DraftFixture fixture;
  bool announcing = true;
  std::vector<std::shared_ptr<const Item>> items;
  fixture.store->onChange([&](const Change& change) {
    if (announcing) return fixture.hub.notify(change);
    items.assign(change.items.begin(), change.items.end());
  });
  fixture.openDraft();
  fixture.write("abc");
  announcing = false;
  fixture.finish("abc");
  const auto stream = fixture.follow({.seq = 1, .offset = 1});
  CHECK(readAll(*stream) == Seen{"1.3 1+bc"});
  fixture.hub.notify({.workflowId = fixture.workflow.id,
                      .lastSeq = 2,
                      .round = 1,
                      .finishesDraft = true,
                      .items = items});
  CHECK(readAll(*stream) == Seen{"2 abc"});
}

TEST_CASE("a frozen draft shows nothing more until it is thawed") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  fixture.write("shown");
  CHECK(fixture.feed->freezeDraft()->text == "shown");
  fixture.write(" held");
  CHECK(readAll(*stream) == Seen{"1 prompt", "1.5 0+shown"});
  CHECK_FALSE(readable(stream->pollable()));
  SUBCASE("the round goes on") {
    fixture.feed->thawDraft();
    CHECK(readable(stream->pollable()));
    CHECK(readAll(*stream) == Seen{"1.10 5+ held"});
  }
  SUBCASE("the round is over") {
    fixture.store->stop(Scope::system(), {fixture.workflow.id, 1});
    CHECK(readAll(*stream) == Seen{"2 shown", "end"});
  }
}

TEST_CASE("a reader that missed a long text reads it in pieces that cut no code point") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  fixture.openDraft();
  std::string text = "x";
  while (text.size() < 100'000) text += "\U0001F600\u20AC";
  fixture.write(text);
  std::string joined;
  stream->next(kTry);
  for (StreamEvent event = stream->next(kTry); event.kind == Kind::delta;
       event = stream->next(kTry)) {
    CHECK(event.delta.text.size() <= 16 * 1024);
    CHECK(event.delta.offset == static_cast<std::int64_t>(countCodePoints(joined)));
    joined += event.delta.text;
  }
  CHECK(joined == text);
}

TEST_CASE("deltas make a stream ready, for those who asked for them") {
  DraftFixture fixture;
  const auto stream = fixture.follow();
  const auto plain = fixture.open(fixture.workflow);
  readAll(*stream);
  readAll(*plain);
  fixture.openDraft();
  CHECK_FALSE(readable(stream->pollable()));
  fixture.write("x");
  CHECK(readable(stream->pollable()));
  CHECK_FALSE(readable(plain->pollable()));
  readAll(*stream);
  CHECK_FALSE(readable(stream->pollable()));
}

TEST_CASE("the newest items are read from memory, older ones from the store") {
  DraftFixture fixture;
  const auto slow = fixture.open(fixture.workflow);
  const auto quick = fixture.open(fixture.workflow);
  readAll(*slow);
  Seen expected;
  for (int i = 2; i <= 3'000; ++i) {
    const std::string text =
        std::to_string(i) + std::string(static_cast<std::size_t>(i % 300), 'x');
    fixture.append(fixture.workflow, text);
    expected.push_back(std::to_string(i) + " " + text);
    if (i % 7 == 0) readAll(*quick);
  }
  CHECK(readAll(*slow) == expected);
  readAll(*quick);
  CHECK(fixture.feed->itemAt(3'000) == nullptr);
}

TEST_CASE("all readers share one copy of a newest item") {
  DraftFixture fixture;
  const auto one = fixture.open(fixture.workflow);
  const auto two = fixture.open(fixture.workflow);
  readAll(*one);
  readAll(*two);
  fixture.append(fixture.workflow, "shared");
  CHECK(one->next(kTry).item == two->next(kTry).item);
}

TEST_CASE("a feed is there as long as somebody holds it") {
  StreamFixture fixture;
  const Workflow workflow = fixture.begin();
  std::weak_ptr<Feed> feed;
  {
    const auto stream = fixture.open(workflow);
    feed = fixture.hub.feed(workflow.id);
    CHECK_FALSE(feed.expired());
    CHECK(fixture.hub.feed(workflow.id) == feed.lock());
  }
  CHECK(feed.expired());
  CHECK_FALSE(fixture.hub.draft(workflow.id, store::DraftAccess::look));
}
