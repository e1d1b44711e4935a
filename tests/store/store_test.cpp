#include "chatbot/store.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "chatbot/error.h"
#include "support/fixtures.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

constexpr std::size_t kAll = 1'000'000;

std::vector<Item> itemsOf(Store& store, const std::string& id, std::int64_t after = 0) {
  const std::optional<Tail> tail = store.tail(Scope::system(), id, after, kAll, kAll * 1000);
  return tail ? tail->items : std::vector<Item>{};
}

std::vector<std::int64_t> placesOf(const std::vector<Item>& items) {
  std::vector<std::int64_t> places;
  for (const Item& item : items) places.push_back(item.seq);
  return places;
}

// Runs SQL on the store's file from outside, as another program would.
}  // namespace

TEST_CASE("a new workflow is running in its first round, with the first message at place 1") {
  StoreFixture fixture;
  const Workflow made = fixture.begin(user("ann"), "hi there");

  CHECK(isId(made.id));
  CHECK(made.status == WorkflowStatus::running);
  CHECK(made.currentRound == 1);
  const std::optional<Workflow> found = fixture.store->find(Scope::system(), made.id);
  REQUIRE(found);
  CHECK(toJson(*found) == toJson(made));
  const std::vector<Item> items = itemsOf(*fixture.store, made.id);
  REQUIRE(items.size() == 1);
  CHECK(items[0].seq == 1);
  CHECK(items[0].round == 1);
  CHECK(textOf(items[0]) == "hi there");
}

TEST_CASE("a scope that does not allow the new row is refused, and nothing is made") {
  StoreFixture fixture;
  const Scope others(Level::my, user("bob"));
  CHECK_THROWS_AS(
      create(*fixture.store, others, newWorkflow(user("ann")), textMessage("x", "user", "first")),
      Error);
  CHECK(
      fixture.store->listAll(Scope::system(), kChatbotMode, PageQuery::everything(workflowSchema()))
          .empty());
}

TEST_CASE("items take the next places, several of them in one append too") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const RoundKey round{workflow.id, 1};
  const std::array<ItemContent, 2> two = {textLog("a"), textMessage("b")};

  CHECK(fixture.store->append(Scope::system(), round,
                              std::array<ItemContent, 1>{textLog("first")}) == 2);
  CHECK(fixture.store->append(Scope::system(), round, two) == 4);
  CHECK(placesOf(itemsOf(*fixture.store, workflow.id)) == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(placesOf(itemsOf(*fixture.store, workflow.id, 2)) == std::vector<std::int64_t>{3, 4});
}

TEST_CASE("a document of a message gets an id and the message's id") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  Message message = textMessage("see");
  message.id = "the-message";
  message.documents.push_back({.id = "",
                               .messageId = "wrong",
                               .fileId = "f1",
                               .fileName = "a.txt",
                               .fileSize = 3,
                               .mimeType = "text/plain"});
  fixture.store->append(Scope::system(), {workflow.id, 1}, std::array<ItemContent, 1>{message});
  const std::string json = itemsOf(*fixture.store, workflow.id).back().json;
  CHECK(json.find("\"messageId\":\"the-message\"") != std::string::npos);
  CHECK(json.find("\"id\":\"\"") == std::string::npos);
}

TEST_CASE("a tail is bounded by number and by size, but has one item at least") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const ItemContent large = textMessage(std::string(1000, 'x'));
  fixture.store->append(Scope::system(), {workflow.id, 1},
                        std::array<ItemContent, 3>{large, large, large});

  CHECK(fixture.store->tail(Scope::system(), workflow.id, 0, 2, kAll)->items.size() == 2);
  CHECK(fixture.store->tail(Scope::system(), workflow.id, 1, 10, 1)->items.size() == 1);
  CHECK(fixture.store->tail(Scope::system(), workflow.id, 1, 10, 1500)->items.size() == 2);
  CHECK(fixture.store->tail(Scope::system(), workflow.id, 4, 10, kAll)->items.empty());
}

TEST_CASE("a round that is over takes nothing more") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const RoundKey round{workflow.id, 1};
  const std::array<ItemContent, 1> late = {textLog("late")};

  SUBCASE("stopped") {
    CHECK(fixture.store->stop(Scope::system(), {workflow.id, 1}).workflow.status ==
          WorkflowStatus::stopped);
  }
  SUBCASE("ended") {
    CHECK(fixture.store->endRound(Scope::system(), round, WorkflowStatus::completed, {}));
  }
  SUBCASE("removed") { CHECK(fixture.store->remove(Scope::system(), workflow.id)); }
  SUBCASE("followed by another") {
    fixture.store->endRound(Scope::system(), round, WorkflowStatus::completed, {});
    beginRound(*fixture.store, Scope::system(), workflow.id, textMessage("again", "user", "first"));
  }
  const std::size_t before = itemsOf(*fixture.store, workflow.id).size();
  CHECK_FALSE(fixture.store->append(Scope::system(), round, late));
  CHECK_FALSE(fixture.store->endRound(Scope::system(), round, WorkflowStatus::error, late));
  CHECK(itemsOf(*fixture.store, workflow.id).size() == before);
}

TEST_CASE("ending a round appends its last items and sets the status in one step") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  CHECK(fixture.store->endRound(Scope::system(), {workflow.id, 1}, WorkflowStatus::error,
                                std::array<ItemContent, 1>{textLog("why")}));
  const std::optional<Tail> tail = fixture.store->tail(Scope::system(), workflow.id, 0, kAll, kAll);
  CHECK(tail->workflow.status == WorkflowStatus::error);
  CHECK(textOf(tail->items.back()) == "why");
}

TEST_CASE("a further round begins only where none is running") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const ItemContent again = textMessage("again", "user", "first");

  CHECK(beginRound(*fixture.store, Scope::system(), workflow.id, again).result ==
        StartResult::busy);
  fixture.store->endRound(Scope::system(), {workflow.id, 1}, WorkflowStatus::completed, {});
  const Start change = beginRound(*fixture.store, Scope::system(), workflow.id, again);
  CHECK(change.result == StartResult::begun);
  CHECK(change.workflow.currentRound == 2);
  CHECK(change.workflow.lastSeq == 2);
  CHECK(itemsOf(*fixture.store, workflow.id).back().round == 2);
  CHECK(beginRound(*fixture.store, Scope::system(), "no such id", again).result ==
        StartResult::notFound);
}

TEST_CASE("of the messages before a round the newest within the limits are read, oldest first") {
  StoreFixture fixture;
  const Scope scope = Scope::system();
  const std::string id = fixture.begin().id;
  for (const char* const text : {"two", "three", "four"}) {
    fixture.store->append(scope, {id, 1},
                          std::array<ItemContent, 1>{textMessage(text, "assistant", "step")});
  }
  const auto placesOf = [&](const MessageLimits& limits) {
    std::vector<std::int64_t> places;
    for (const Item& item : fixture.store->messagesBefore(scope, id, 2, limits))
      places.push_back(item.seq);
    return places;
  };
  using Places = std::vector<std::int64_t>;
  CHECK(placesOf({}) == Places{1, 2, 3, 4});
  CHECK(placesOf({.items = 2}) == Places{3, 4});
  CHECK(placesOf({.items = 0}).empty());
  const std::vector<Item> items = fixture.store->messagesBefore(scope, id, 2);
  const std::size_t lastTwo = items[2].json.size() + items[3].json.size();
  CHECK(placesOf({.bytes = lastTwo}) == Places{3, 4});
  CHECK(placesOf({.bytes = lastTwo - 1}) == Places{4});
  CHECK(placesOf({.bytes = 1}).empty());
}

TEST_CASE("rows outside the scope do not exist, for any call") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin(user("ann", "m1"));
  const ItemContent item = textMessage("x", "user", "first");
  const std::array foreign = {
      Scope(Level::my, user("bob", "m1")), Scope(Level::group, user("ann", "m2")),
      Scope(Level::my, user("ann", "m2")), Scope(Level::none, user("ann", "m1"))};
  for (const Scope& scope : foreign) {
    CHECK_FALSE(fixture.store->find(scope, workflow.id));
    CHECK_FALSE(fixture.store->tail(scope, workflow.id, 0, 10, 10));
    CHECK(fixture.store->messagesBefore(scope, workflow.id, 9).empty());
    CHECK(fixture.store->stop(scope, {workflow.id, 1}).result == ChangeResult::notFound);
    CHECK(beginRound(*fixture.store, scope, workflow.id, item).result == StartResult::notFound);
    CHECK_FALSE(fixture.store->rename(scope, workflow.id, "mine now"));
    CHECK_FALSE(fixture.store->renameInRound(scope, {workflow.id, 1}, "mine now"));
    CHECK_FALSE(fixture.store->remove(scope, workflow.id));
    CHECK(fixture.store->listAll(scope, kChatbotMode, PageQuery::everything(workflowSchema()))
              .empty());
  }
  CHECK(toJson(*fixture.store->find(Scope::system(), workflow.id)) == toJson(workflow));
}

TEST_CASE("a running round renames its workflow; one that is over, or another one, does not") {
  StoreFixture fixture;
  const Scope scope = Scope::system();
  const std::string id = fixture.begin().id;
  CHECK(fixture.store->renameInRound(scope, {id, 1}, "by the first"));
  CHECK_FALSE(fixture.store->renameInRound(scope, {id, 2}, "by none"));
  CHECK(fixture.store->stop(scope, {id, 1}).result == ChangeResult::done);
  CHECK_FALSE(fixture.store->renameInRound(scope, {id, 1}, "after its end"));
  beginRound(*fixture.store, scope, id, textMessage("again", "user", "first"));
  CHECK_FALSE(fixture.store->renameInRound(scope, {id, 1}, "in the next"));
  CHECK(fixture.store->find(scope, id)->name == "by the first");
  CHECK(fixture.store->renameInRound(scope, {id, 2}, "by the second"));
  CHECK(fixture.store->find(scope, id)->name == "by the second");
}

TEST_CASE("a page has its rows and the number of all, newest activity first") {
  StoreFixture fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    fixture.environment->advance(std::chrono::seconds(1));
    ids.push_back(fixture.begin().id);
  }
  Workflow other = newWorkflow(user("ann"));
  other.workflowMode = "Dynamic";
  create(*fixture.store, Scope::system(), other, textMessage("x", "user", "first"));

  const PageQuery query = PageQuery::parse(R"({"page": 2, "pageSize": 2})", workflowSchema());
  const WorkflowPage page = fixture.store->list(Scope::system(), kChatbotMode, query);
  CHECK(page.totalItems == 5);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].id == ids[2]);
  CHECK(page.items[1].id == ids[1]);
}

TEST_CASE("filters and sorting are the database's work, Unicode case folding too") {
  StoreFixture fixture;
  for (const char* name : {"Straße", "strasse 2", "other"}) {
    create(*fixture.store, Scope::system(), newWorkflow(user("ann"), name),
           textMessage("x", "user", "first"));
  }
  const PageQuery query = PageQuery::parse(
      R"({"filters": {"name": {"operator": "contains", "value": "STRASSE"}},
          "sort": [{"field": "name", "direction": "desc"}]})",
      workflowSchema());
  const WorkflowPage page = fixture.store->list(Scope::system(), kChatbotMode, query);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].name == "strasse 2");
  CHECK(page.items[1].name == "Straße");
}

TEST_CASE("removing a workflow removes its items") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const Workflow kept = fixture.begin();
  CHECK(fixture.store->remove(Scope::system(), workflow.id));
  CHECK_FALSE(fixture.store->find(Scope::system(), workflow.id));
  CHECK(itemsOf(*fixture.store, kept.id).size() == 1);
  fixture.store.reset();
  runOutside(fixture.options.path,
             "CREATE TABLE proof (n INTEGER CHECK (n = 1));"
             "INSERT INTO proof SELECT count(*) FROM item;");
}

TEST_CASE("every change is told once it is committed, with the place it has reached") {
  StoreFixture fixture;
  struct Told {
    std::string id;
    std::int64_t lastSeq;
    WorkflowStatus status;
    bool removed;
  };
  std::vector<Told> told;
  fixture.store->onChange([&](const Change& change) {
    told.push_back({std::string(change.workflowId), change.lastSeq, change.status, change.removed});
  });
  const Workflow workflow = fixture.begin();
  fixture.store->append(Scope::system(), {workflow.id, 1},
                        std::array<ItemContent, 1>{textLog("a")});
  fixture.store->stop(Scope::system(), {workflow.id, 1});
  fixture.store->stop(Scope::system(), {workflow.id, 1});  // changes nothing
  fixture.store->remove(Scope::system(), workflow.id);

  REQUIRE(told.size() == 4);
  CHECK(told[0].lastSeq == 1);
  CHECK(told[1].lastSeq == 2);
  CHECK(told[2].status == WorkflowStatus::stopped);
  CHECK(told[3].removed);
  for (const Told& change : told) CHECK(change.id == workflow.id);
}

TEST_CASE("everything is there after the database is opened again") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  fixture.store->append(Scope::system(), {workflow.id, 1},
                        std::array<ItemContent, 1>{textMessage("kept")});
  const std::vector<Item> before = itemsOf(*fixture.store, workflow.id);
  fixture.reopen();
  const std::vector<Item> after = itemsOf(*fixture.store, workflow.id);
  REQUIRE(after.size() == before.size());
  CHECK(after.back().json == before.back().json);
  const std::vector<RoundKey> running = fixture.store->runningRounds(Scope::system());
  REQUIRE(running.size() == 1);
  CHECK(running[0].workflowId == workflow.id);
}

TEST_CASE("imported workflows are taken as they are") {
  StoreFixture fixture;
  Import entry;
  entry.workflow = newWorkflow(user("ann"), "old");
  entry.workflow.id = newId(*fixture.environment);
  entry.workflow.status = WorkflowStatus::stopped;
  entry.workflow.currentRound = 3;
  entry.workflow.maxSteps = 7;
  entry.workflow.startedAt = 5;
  entry.items = {{textLog("a")}, {textMessage("b"), 7.5, 2}};
  fixture.store->import(Scope::system(), std::array{entry});

  const std::optional<Workflow> found = fixture.store->find(Scope::system(), entry.workflow.id);
  REQUIRE(found);
  CHECK(toJson(*found) == toJson(entry.workflow));
  CHECK(found->lastSeq == 2);
  const std::vector<Item> items = itemsOf(*fixture.store, entry.workflow.id);
  REQUIRE(items.size() == 2);
  CHECK(items[0].round == 3);
  CHECK(items[0].json.find("\"createdAt\":0.0") != std::string::npos);
  CHECK(items[1].round == 2);
  CHECK(items[1].json.find("\"createdAt\":7.5") != std::string::npos);
  CHECK(items[1].json.find("\"roundNumber\":2") != std::string::npos);
}

TEST_CASE("an import with an id that no call could name is refused as a whole") {
  StoreFixture fixture;
  std::array<Import, 2> entries;
  for (Import& entry : entries) entry.workflow = newWorkflow(user("ann"));
  entries[0].workflow.id = newId(*fixture.environment);
  entries[1].workflow.id = "thread 2";
  CHECK(refusalOf([&] { fixture.store->import(Scope::system(), entries); }) ==
        "the id of a workflow must be a UUID, not \"thread 2\"");
  CHECK_FALSE(fixture.store->find(Scope::system(), entries[0].workflow.id));
}

TEST_CASE("many writers at once: each place is given once, nothing is lost") {
  StoreFixture fixture;
  constexpr int kThreads = 8;
  constexpr int kAppends = 200;
  const Workflow shared = fixture.begin();
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kAppends; ++i) {
        const std::string text = std::to_string(t) + ":" + std::to_string(i);
        const std::array<ItemContent, 1> item = {textLog(text)};
        if (!fixture.store->append(Scope::system(), {shared.id, 1}, item)) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(failures == 0);
  const std::vector<Item> items = itemsOf(*fixture.store, shared.id);
  REQUIRE(items.size() == 1 + kThreads * kAppends);
  std::map<std::string, int> next;  // each thread's items are in its order
  for (std::size_t i = 0; i < items.size(); ++i) {
    CHECK(items[i].seq == static_cast<std::int64_t>(i) + 1);
    if (i == 0) continue;
    const std::string text = textOf(items[i]);
    const std::size_t colon = text.find(':');
    CHECK(std::stoi(text.substr(colon + 1)) == next[text.substr(0, colon)]++);
  }
}

TEST_CASE("readers beside a writer see whole states only") {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  std::atomic<bool> done = false;
  std::thread writer([&] {
    const std::array<ItemContent, 3> three = {textLog("a"), textLog("b"), textLog("c")};
    for (int i = 0; i < 300; ++i) fixture.store->append(Scope::system(), {workflow.id, 1}, three);
    done = true;
  });
  while (!done) {
    const std::optional<Tail> tail =
        fixture.store->tail(Scope::system(), workflow.id, 0, kAll, kAll * 1000);
    CHECK(tail->workflow.lastSeq == static_cast<std::int64_t>(tail->items.size()));
    CHECK(tail->items.size() % 3 == 1);
  }
  writer.join();
}

TEST_CASE("texts of any kind come back as they were") {
  StoreFixture fixture;
  const std::string text("a\0b\r\n\"\\\x01 \xE2\x80\xA8 \xF0\x9F\x98\x80", 17);
  const Workflow workflow = fixture.begin(user("ann"), text);
  const std::string json = itemsOf(*fixture.store, workflow.id)[0].json;
  CHECK(json.find("a\\u0000b\\r\\n\\\"\\\\\\u0001 \xE2\x80\xA8 \xF0\x9F\x98\x80") !=
        std::string::npos);
}

TEST_CASE("a file that is no database is refused by name, and left as it is") {
  TemporaryFolder folder;
  const StoreOptions options{.path = folder.file("notes.txt")};
  std::FILE* file = std::fopen(options.path.c_str(), "w");
  std::fputs("this is no database, but it is long enough to be looked at as one, page by page",
             file);
  std::fclose(file);
  try {
    Store::open(options, std::make_shared<ManualEnvironment>());
    FAIL("it was opened");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(std::string(error.what()).find("notes.txt") != std::string::npos);
  }
}

TEST_CASE("what no file can be is refused") {
  const auto environment = std::make_shared<ManualEnvironment>();
  for (const char* path : {"", ":memory:", "/no/such/folder/chat.sqlite"}) {
    CHECK_THROWS_AS(Store::open({.path = path}, environment), Error);
  }
  TemporaryFolder folder;
  CHECK_THROWS_AS(Store::open({.path = folder.file("x"), .readers = 0}, environment), Error);
}

TEST_CASE("a full database refuses what it cannot take, keeps what it has, and goes on later" *
          doctest::test_suite("sqlite")) {
  StoreFixture fixture;
  const Workflow workflow = fixture.begin();
  const std::array<ItemContent, 1> large = {textMessage(std::string(200'000, 'x'))};
  fixture.store.reset();
  StoreOptions small = fixture.options;
  small.maxBytes = 1'000'000;
  fixture.store = store::EngineStore::open(small, fixture.environment);

  try {
    for (int i = 0; i < 100; ++i) fixture.store->append(Scope::system(), {workflow.id, 1}, large);
    FAIL("it was never full");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(error.retryAfter() > 0);
  }
  const std::optional<Tail> tail =
      fixture.store->tail(Scope::system(), workflow.id, 0, kAll, kAll * 1000);
  CHECK(tail->workflow.lastSeq == static_cast<std::int64_t>(tail->items.size()));
  fixture.reopen();
  CHECK(fixture.store->append(Scope::system(), {workflow.id, 1}, large) ==
        tail->workflow.lastSeq + 1);
}

TEST_CASE("maintenance indexes messages and deletes removed items and old keys, in portions") {
  StoreFixture fixture;
  StartRequest request;
  request.caller = user("ann");
  request.first = textMessage("needle", "user", "first");
  request.key = StartKey{.key = "k", .fingerprint = "f"};
  const Workflow workflow = fixture.store->start(Scope::system(), request).workflow;
  const std::vector<ItemContent> logs(200, textLog("x"));
  fixture.store->append(Scope::system(), {workflow.id, 1}, logs);
  fixture.store->remove(Scope::system(), workflow.id);
  fixture.begin();
  fixture.environment->advance(request.key->life);

  int portions = 1;
  while (fixture.store->maintain(64)) ++portions;
  CHECK(portions > 2);
  CHECK(fixture.store->indexMessages(64) == 0);
  CHECK_FALSE(fixture.store->sweepRemoved(64));
  CHECK_FALSE(fixture.store->sweepStartKeys(64));
}

TEST_CASE("a round may begin with any item, but not one that waits") {
  StoreFixture fixture;
  StartRequest request{.caller = user("ann"), .name = "job", .workflowMode = "Job"};
  request.first = textLog("begun");
  const Start begun = fixture.store->start(Scope::system(), request);
  CHECK(begun.workflow.workflowMode == "Job");
  CHECK(std::get<Log>(begun.first).message == "begun");
  CHECK(textOf(itemsOf(*fixture.store, begun.workflow.id).at(0)) == "begun");
  request.workflowId = begun.workflow.id;
  request.onBusy = OnBusy::enqueue;
  request.maxQueued = 1;
  CHECK_THROWS_AS(fixture.store->start(Scope::system(), request), Error);
  CHECK_FALSE(fixture.store->hasQueued(Scope::system()));
}

TEST_CASE("times within a workflow do not go back when the clock does") {
  StoreFixture fixture;
  std::mt19937 random(5);
  const Workflow made = fixture.begin();
  RoundKey round{made.id, 1};
  double activity = made.lastActivity;
  for (int step = 0; step < 500; ++step) {
    const auto forward = static_cast<std::int64_t>(random() % 3000) - 1500;
    fixture.environment->advance(std::chrono::milliseconds(forward));
    const std::array<ItemContent, 1> items = {textLog("step")};
    fixture.store->append(Scope::system(), round, items);
    if (random() % 5 == 0) {
      fixture.store->endRound(Scope::system(), round, WorkflowStatus::completed, {});
      StartRequest request{.caller = user("ann"), .workflowId = made.id};
      request.input.prompt = "go on";
      round.round = fixture.store->start(Scope::system(), request).round;
    }
    const double now = fixture.store->find(Scope::system(), made.id)->lastActivity;
    REQUIRE(now >= activity);
    activity = now;
  }
  double newest = 0;
  for (const Item& item : itemsOf(*fixture.store, made.id)) {
    const double createdAt = nlohmann::json::parse(item.json)["createdAt"];
    REQUIRE(createdAt >= newest);
    newest = createdAt;
  }
  CHECK(newest <= activity + 1);
}
