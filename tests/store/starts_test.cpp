// What a caller's request for a round comes to.
#include "store/starts.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "chatbot/error.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;
using namespace chatbot::test;

namespace {

struct StartsFixture : StoreFixture {
  StartRequest request(const std::string& prompt, OnBusy onBusy = OnBusy::reject) const {
    StartRequest request;
    request.caller = user("ann");
    request.name = "a thread";
    request.input.prompt = prompt;
    request.onBusy = onBusy;
    request.maxQueued = 2;
    return request;
  }

  StartRequest next(const std::string& prompt, OnBusy onBusy) const {
    StartRequest request = this->request(prompt, onBusy);
    request.workflowId = workflow.id;
    return request;
  }

  Start start(const StartRequest& request) { return store->start(Scope::system(), request); }
  Start queue(const std::string& prompt) { return start(next(prompt, OnBusy::enqueue)); }

  void end(std::int64_t round) {
    REQUIRE(store->endRound(Scope::system(), {workflow.id, round}, WorkflowStatus::completed, {}));
  }

  std::optional<DequeuedStart> beginQueued() {
    return store->beginQueued(Scope::system(), workflow.id);
  }

  Tail tail() { return store->tail(Scope::system(), workflow.id, 0, 99, 99'999).value(); }

  Workflow workflow = begin();
};

StartKey keyOf(const std::string& key, const std::string& fingerprint = "f") {
  return {.key = key, .fingerprint = fingerprint};
}

}  // namespace

TEST_CASE("a start makes a workflow with the user's message") {
  StartsFixture fixture;
  StartRequest request = fixture.request("hello");
  request.input.listFileId = {"file-1"};
  const Start start = fixture.start(request);
  CHECK(start.result == StartResult::begun);
  CHECK(start.round == 1);
  CHECK(start.afterSeq == 0);
  CHECK(start.workflow.name == "a thread");
  CHECK(start.workflow.createdBy == "ann");
  const Tail tail = fixture.store->tail(Scope::system(), start.workflow.id, 0, 9, 9'999).value();
  REQUIRE(tail.items.size() == 1);
  CHECK(tail.items[0].json.find(std::get<Message>(start.first).id) != std::string::npos);
  CHECK(tail.items[0].json.find("file-1") != std::string::npos);
}

TEST_CASE("a workflow whose round is running refuses a start, and nothing is changed") {
  StartsFixture fixture;
  const Start start = fixture.start(fixture.next("again", OnBusy::reject));
  CHECK(start.result == StartResult::busy);
  CHECK(fixture.tail().items.size() == 1);
  CHECK_FALSE(fixture.store->hasQueued(Scope::system()));
}

TEST_CASE("an interrupt stops the running round and begins its own, in one transaction") {
  StartsFixture fixture;
  std::vector<std::string> told;
  fixture.store->onChange([&](const Change& change) {
    told.push_back(std::to_string(change.round) + " " + std::string(toText(change.status)));
  });
  const Start start = fixture.start(fixture.next("again", OnBusy::interrupt));
  CHECK(start.result == StartResult::begun);
  CHECK(start.round == 2);
  CHECK(start.interrupted == 1);
  CHECK(told == std::vector<std::string>{"1 stopped", "2 running"});
}

TEST_CASE("starts wait for the running round, in their order, as many as may") {
  StartsFixture fixture;
  const Start second = fixture.queue("two");
  const Start third = fixture.queue("three");
  CHECK(second.result == StartResult::queued);
  CHECK(second.round == 2);
  CHECK(third.round == 3);
  CHECK(second.workflow.currentRound == 1);
  CHECK(fixture.queue("four").result == StartResult::full);
  CHECK(fixture.tail().items.size() == 1);
  CHECK(fixture.store->readyStarts(Scope::system()).empty());
  CHECK_FALSE(fixture.beginQueued());

  for (std::int64_t round = 1; round <= 2; ++round) {
    fixture.end(round);
    const std::vector<ReadyStart> ready = fixture.store->readyStarts(Scope::system());
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].workflowId == fixture.workflow.id);
    CHECK(ready[0].caller.mandateId == "m1");
    CHECK(ready[0].caller.userId == "ann");
    const std::optional<DequeuedStart> begun = fixture.beginQueued();
    REQUIRE(begun);
    CHECK(begun->start.workflow.currentRound == round + 1);
    CHECK(begun->request.caller.userId == "ann");
    CHECK(begun->request.input.prompt == (round == 1 ? "two" : "three"));
    CHECK(fixture.tail().items.back().json.find(std::get<Message>(begun->start.first).id) !=
          std::string::npos);
    CHECK_FALSE(fixture.beginQueued());
  }
  CHECK_FALSE(fixture.store->hasQueued(Scope::system()));
}

TEST_CASE("nothing overtakes a start that waits") {
  StartsFixture fixture;
  fixture.queue("two");
  fixture.end(1);
  const ItemContent first = textMessage("three", "user", "first");
  CHECK(beginRound(*fixture.store, Scope::system(), fixture.workflow.id, first).result ==
        StartResult::busy);
  CHECK(fixture.start(fixture.next("three", OnBusy::reject)).result == StartResult::busy);
  SUBCASE("not one that enqueues") { CHECK(fixture.queue("three").round == 3); }
  SUBCASE("nor one that interrupts: it stops the running round and waits behind") {
    REQUIRE(fixture.beginQueued());
    fixture.queue("three");
    const Start fourth = fixture.start(fixture.next("four", OnBusy::interrupt));
    CHECK(fourth.result == StartResult::queued);
    CHECK(fourth.round == 4);
    CHECK(fourth.interrupted == 2);
    CHECK(fixture.tail().workflow.status == WorkflowStatus::stopped);
  }
  SUBCASE("an interrupt that finds no place behind them stops nothing") {
    REQUIRE(fixture.beginQueued());
    fixture.queue("three");
    fixture.queue("four");
    const Start fifth = fixture.start(fixture.next("five", OnBusy::interrupt));
    CHECK(fifth.result == StartResult::full);
    CHECK(fifth.interrupted == 0);
    CHECK(fixture.tail().workflow.status == WorkflowStatus::running);
  }
}

TEST_CASE("a removed workflow takes the starts that wait with it") {
  StartsFixture fixture;
  fixture.queue("two");
  REQUIRE(fixture.store->remove(Scope::system(), fixture.workflow.id));
  CHECK_FALSE(fixture.store->hasQueued(Scope::system()));
}

TEST_CASE("starts that wait outlive their store, and another one begins them") {
  StartsFixture fixture;
  const std::shared_ptr<EngineStore> other =
      EngineStore::open(fixture.options, fixture.environment);
  fixture.queue("two");
  fixture.end(1);
  CHECK_FALSE(other->hasQueued(Scope::system()));  // the first one's, as long as it lives
  CHECK(other->readyStarts(Scope::system()).empty());
  fixture.store.reset();
  other->reclaim(Scope::system(), std::array<ItemContent, 1>{textLog("left")});
  CHECK(other->hasQueued(Scope::system()));
  REQUIRE(other->readyStarts(Scope::system()).size() == 1);
  const std::optional<DequeuedStart> begun =
      other->beginQueued(Scope::system(), fixture.workflow.id);
  REQUIRE(begun);
  CHECK(begun->request.input.prompt == "two");
  CHECK(begun->start.workflow.currentRound == 2);
}

TEST_CASE("a key that comes again gives the round that it has started") {
  StartsFixture fixture;
  StartRequest request = fixture.request("hello");
  request.key = keyOf("k");
  const Start first = fixture.start(request);
  const Start again = fixture.start(request);
  CHECK(first.result == StartResult::begun);
  CHECK(again.result == StartResult::repeated);
  CHECK(again.workflow.id == first.workflow.id);
  CHECK(again.round == 1);
  CHECK(again.afterSeq == 0);
  const std::optional<Start> before =
      fixture.store->startedBefore(Scope::system(), request.caller, *request.key);
  REQUIRE(before);
  CHECK(before->workflow.id == first.workflow.id);

  SUBCASE("with another request it is refused") {
    request.key = keyOf("k", "other");
    CHECK(fixture.start(request).result == StartResult::otherRequest);
  }
  SUBCASE("another user's, or another mandate's, is another key") {
    request.caller = user("bob");
    CHECK(fixture.start(request).result == StartResult::begun);
    request.caller = user("ann", "m2");
    CHECK(fixture.start(request).result == StartResult::begun);
  }
  SUBCASE("it is forgotten in time") {
    fixture.environment->advance(request.key->life);
    const Start later = fixture.start(request);
    CHECK(later.result == StartResult::begun);
    CHECK(fixture.start(request).workflow.id == later.workflow.id);
  }
}

TEST_CASE("a start that was refused keeps no key; one that waits does") {
  StartsFixture fixture;
  StartRequest request = fixture.next("again", OnBusy::reject);
  request.key = keyOf("k");
  CHECK(fixture.start(request).result == StartResult::busy);
  CHECK_FALSE(fixture.store->startedBefore(Scope::system(), request.caller, *request.key));
  request.onBusy = OnBusy::enqueue;
  CHECK(fixture.start(request).result == StartResult::queued);
  const Start again = fixture.start(request);
  CHECK(again.result == StartResult::repeated);
  CHECK(again.round == 2);
}

TEST_CASE("old keys go as new ones come") {
  StartsFixture fixture;
  StartRequest request = fixture.request("hello");
  for (int i = 0; i < 20; ++i) {
    request.key = keyOf("old" + std::to_string(i));
    fixture.start(request);
  }
  fixture.environment->advance(std::chrono::hours(25));
  for (int i = 0; i < 5; ++i) {
    request.key = keyOf("new" + std::to_string(i));
    fixture.start(request);
  }
  for (int i = 0; i < 20; ++i) {
    const StartKey key = keyOf("old" + std::to_string(i));
    CHECK_FALSE(fixture.store->startedBefore(Scope::system(), request.caller, key));
  }
}

TEST_CASE("one key sent a hundred times at once, through two stores, starts once") {
  StartsFixture fixture;
  const std::shared_ptr<EngineStore> other =
      EngineStore::open(fixture.options, fixture.environment);
  StartRequest request = fixture.request("hello");
  request.key = keyOf("k");
  std::array<Start, 100> starts;
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    callers.emplace_back([&, i] {
      Store& store = i % 2 == 0 ? *fixture.store : *other;
      starts[i] = store.start(Scope::system(), request);
    });
  }
  for (std::thread& caller : callers) caller.join();
  std::set<std::string> ids;
  int begun = 0;
  for (const Start& start : starts) {
    ids.insert(start.workflow.id);
    begun += start.result == StartResult::begun ? 1 : 0;
  }
  CHECK(ids.size() == 1);
  CHECK(begun == 1);
}

TEST_CASE("a start beyond its scope makes nothing") {
  StartsFixture fixture;
  const Scope others(Level::group, user("eve", "m2"));
  StartRequest next = fixture.next("again", OnBusy::interrupt);
  CHECK(fixture.store->start(others, next).result == StartResult::notFound);
  next.onBusy = OnBusy::enqueue;
  CHECK(fixture.store->start(others, next).result == StartResult::notFound);
  CHECK_THROWS_AS(fixture.store->start(others, fixture.request("hello")), Error);
  CHECK(fixture.tail().workflow.status == WorkflowStatus::running);
  CHECK_FALSE(fixture.store->hasQueued(Scope::system()));
}
