// Removing workflows: at any size, and from a full store.
#include "store/removal.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "chatbot/error.h"
#include "database/database.h"
#include "support/connect.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;
using namespace chatbot::test;
using database::Connection;

namespace {

constexpr std::size_t kPortion = 64;

struct RemovalFixture : StoreFixture {
  // Another program's look at the file.
  std::int64_t count(const std::string& from) {
    return number(*outside(), "SELECT count(*) FROM " + from);
  }

  std::unique_ptr<Connection> outside() { return connect(options.path); }

  bool isOnPostgres() const { return !postgresServer().empty(); }

  // The entries of the index that have the word.
  std::int64_t indexedWith(const std::string& word) {
    const char* match = isOnPostgres() ? "words @@ '{}'" : "message_text MATCH '{}'";
    return count("message_text WHERE " + fmt::format(fmt::runtime(match), word));
  }

  // FTS5 looks whether its tables are whole.
  void checkIndex() {
    if (isOnPostgres()) return;
    outside()->run("INSERT INTO message_text (message_text) VALUES ('integrity-check')");
  }

  std::string addLong(std::size_t messages) {
    const Workflow workflow = begin();
    std::vector<ItemContent> items;
    for (std::size_t i = 1; i < messages; ++i) {
      items.emplace_back(textMessage(fmt::format("common rare{}", i)));
    }
    store->append(Scope::system(), {workflow.id, 1}, items);
    return workflow.id;
  }

  void bringUpToDate() {
    while (store->sweepRemoved(kPortion)) continue;
    while (store->indexMessages(kPortion) > 0) continue;
  }

  std::int64_t found(const std::string& text) {
    const PageQuery query = PageQuery::parse(
        fmt::format(R"({{"filters": {{"search": "{}", "searchIn": "messages"}}}})", text),
        workflowSchema());
    return store->list(Scope::system(), kChatbotMode, query).totalItems;
  }

  // Of words that stand nowhere else, so that the index is as large as it can be.
  std::string text(std::size_t words) {
    std::string made;
    for (std::size_t i = 0; i < words; ++i) made += fmt::format("w{}x ", next_++ * 7919 % 1000003);
    return made + "common";
  }

  // Until the store takes nothing more. Returns the workflows.
  std::vector<std::string> fill(std::size_t words) {
    options.maxBytes = 1'000'000;
    reopen();
    std::vector<std::string> ids;
    try {
      while (true) {
        ids.push_back(begin(user("ann"), text(words)).id);
        store->indexMessages(kPortion);
      }
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::unavailable);
    }
    return ids;
  }

 private:
  std::size_t next_ = 1;
};

}  // namespace

TEST_CASE("a full store can be emptied, and takes new threads then" *
          doctest::test_suite("sqlite")) {
  RemovalFixture fixture;
  std::size_t words = 0;
  SUBCASE("of short messages") { words = 3; }
  SUBCASE("of messages of a paragraph") { words = 100; }
  SUBCASE("of messages longer than a page") { words = 3000; }
  CAPTURE(words);
  const std::vector<std::string> ids = fixture.fill(words);
  REQUIRE(ids.size() > 5);
  for (const std::string& id : ids) CHECK(fixture.store->remove(Scope::system(), id));
  CHECK(fixture.found("common") == 0);
  CHECK(fixture.count("item") == 0);
  for (std::size_t i = 0; i < ids.size() / 3; ++i) {
    fixture.begin(user("ann"), fixture.text(words));
  }
}

TEST_CASE("words that a full store could not forget are gone when it is opened again" *
          doctest::test_suite("sqlite")) {
  RemovalFixture fixture;
  const std::vector<std::string> ids = fixture.fill(100);
  for (const std::string& id : ids) fixture.store->remove(Scope::system(), id);
  CHECK(fixture.count("message_rules WHERE name = 'incomplete'") == 1);
  CHECK(fixture.count("message_text WHERE message_text MATCH 'common'") > 0);
  const std::string kept = fixture.begin(user("ann"), "common").id;
  fixture.bringUpToDate();
  CHECK(fixture.found("common") == 1);
  fixture.reopen();
  CHECK(fixture.found("common") == 1);
  CHECK(fixture.count("message_text WHERE message_text MATCH 'common'") == 1);
  CHECK(fixture.store->find(Scope::system(), kept));
}

TEST_CASE("removing a long thread is a short transaction, and the rest of it is swept later") {
  RemovalFixture fixture;
  constexpr std::size_t kMessages = 2000;
  const std::string id = fixture.addLong(kMessages);
  const std::string kept = fixture.addLong(2);
  fixture.bringUpToDate();
  CHECK(fixture.found("common") == 2);
  CHECK(fixture.store->remove(Scope::system(), id));
  CHECK(fixture.count("item") == static_cast<std::int64_t>(kMessages - kPortion + 2));
  CHECK(fixture.count("message_indexed") >= static_cast<std::int64_t>(kMessages - kPortion));
  CHECK(fixture.found("common") == 1);
  CHECK_FALSE(fixture.store->remove(Scope::system(), id));

  CHECK(fixture.store->sweepRemoved(kPortion));
  CHECK(fixture.count("item") == static_cast<std::int64_t>(kMessages - 2 * kPortion + 2));
  fixture.bringUpToDate();
  CHECK(fixture.count("item") == 2);
  CHECK(fixture.count("message_indexed") == 2);
  CHECK(fixture.count("workflow_removed") == 0);
  CHECK(fixture.indexedWith("rare7") == 0);
  CHECK(fixture.found("common") == 1);
  fixture.checkIndex();
}

TEST_CASE("a thread that another program has deleted is swept, too") {
  RemovalFixture fixture;
  const std::string indexed = fixture.addLong(3);
  fixture.bringUpToDate();
  const std::string queued = fixture.addLong(3);
  fixture.outside()->run("DELETE FROM workflow");
  fixture.bringUpToDate();
  for (const char* table : {"item", "message_indexed", "message_pending", "workflow_removed"}) {
    CAPTURE(table);
    CHECK(fixture.count(table) == 0);
  }
  CHECK(fixture.indexedWith("common") == 0);
}

TEST_CASE("a thread that is imported in the place of a removed one has its own items only") {
  RemovalFixture fixture;
  const std::string id = fixture.addLong(500);
  fixture.bringUpToDate();
  CHECK(fixture.store->remove(Scope::system(), id));
  Import again{.workflow = newWorkflow(user("ann")), .items = {{textMessage("second life")}}};
  again.workflow.id = id;
  fixture.store->import(Scope::system(), std::array{again});
  CHECK(fixture.store->tail(Scope::system(), id, 0, 1000, 1'000'000)->items.size() == 1);
  fixture.bringUpToDate();
  CHECK(fixture.found("second life") == 1);
  CHECK(fixture.found("common") == 0);
  CHECK(fixture.count("item") == 1);
}
