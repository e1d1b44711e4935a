// Searches in messages while others are still to be indexed.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "chatbot/store.h"
#include "support/connect.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::test;
using database::Connection;

namespace {

struct SearchFixture : StoreFixture {
  std::int64_t found(const std::string& text, const Identity& caller = user("ann")) {
    const PageQuery query = PageQuery::parse(
        fmt::format(R"({{"filters": {{"search": "{}", "searchIn": "messages"}}}})", text),
        workflowSchema());
    return store->list(Scope(Level::my, caller), kChatbotMode, query).totalItems;
  }

  // Messages of `owner` that nobody has indexed.
  void queue(const Identity& owner, std::size_t messages, const std::string& text = "queued") {
    Import entry{.workflow = newWorkflow(owner), .items = {}};
    entry.workflow.id = idOf(++imports_);
    entry.items.assign(messages, {textMessage(text)});
    store->import(Scope::system(), std::array{entry});
  }

  std::int64_t pending() { return number(*outside(), "SELECT count(*) FROM message_pending"); }

  std::unique_ptr<Connection> outside() { return connect(options.path); }

 private:
  std::uint64_t imports_ = 0;
};

}  // namespace

TEST_CASE("who searches finds what they have just said, however much of others' is queued") {
  SearchFixture fixture;
  fixture.queue(user("bob", "m2"), 700);
  fixture.begin(user("ann"), "xylophone");
  fixture.queue(user("eve"), 300);
  CHECK(fixture.found("xylophone") == 1);
  CHECK(fixture.pending() == 1000);
  CHECK(fixture.found("xylophone", user("bob", "m2")) == 0);
}

TEST_CASE("a search indexes the newest messages of its caller, and few of them") {
  SearchFixture fixture;
  fixture.queue(user("ann"), 500);
  fixture.begin(user("ann"), "newest");
  CHECK(fixture.found("newest") == 1);
  CHECK(fixture.pending() == 501 - 64);
}

TEST_CASE("a search indexes few bytes where messages are long") {
  SearchFixture fixture;
  fixture.queue(user("ann"), 20, std::string(100'000, 'x'));
  CHECK(fixture.found("absent") == 0);
  CHECK(fixture.pending() == 18);
}

TEST_CASE("what is indexed in the background is the newest first") {
  SearchFixture fixture;
  fixture.queue(user("ann"), 100, "older");
  fixture.begin(user("ann"), "newest");
  CHECK(fixture.store->indexMessages(1) == 1);
  const auto outside = fixture.outside();
  outside->run("DELETE FROM message_pending");  // so that the search brings in nothing
  CHECK(fixture.found("newest") == 1);
  CHECK(fixture.found("older") == 0);
}

TEST_CASE("a search does not wait for another process that is writing" *
          doctest::test_suite("sqlite")) {
  SearchFixture fixture;
  fixture.options.busyTimeout = std::chrono::hours(1);
  fixture.reopen();
  fixture.begin(user("ann"), "indexed");
  CHECK(fixture.found("indexed") == 1);
  fixture.begin(user("ann"), "queued");
  const auto outside = fixture.outside();
  outside->begin();
  CHECK(fixture.found("indexed") == 1);
  CHECK(fixture.found("queued") == 0);
  outside->rollback();
  CHECK(fixture.found("queued") == 1);
}

TEST_CASE("what is queued of threads and items that are gone leaves the queue") {
  SearchFixture fixture;
  fixture.queue(user("ann"), 10);
  fixture.queue(user("bob"), 10);
  const auto outside = fixture.outside();
  SUBCASE("of threads") { outside->run("DELETE FROM workflow"); }
  SUBCASE("of items") { outside->run("DELETE FROM item"); }
  while (fixture.store->indexMessages(64) > 0) continue;
  CHECK(fixture.pending() == 0);
  fixture.options.busyTimeout = std::chrono::hours(1);
  fixture.reopen();
  outside->begin();
  CHECK(fixture.store->indexMessages(64) == 0);  // without the lock
  outside->rollback();
}
