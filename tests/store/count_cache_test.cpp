#include "store/count_cache.h"

#include <doctest/doctest.h>

#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::store;
using namespace chatbot::test;

namespace {

Workflow row(const std::string& userId, const std::string& name) {
  Workflow workflow = newWorkflow(user(userId), name);
  workflow.id = name;
  return workflow;
}

struct CacheFixture {
  std::optional<std::int64_t> total(std::int64_t version) {
    return cache.total({scope, kChatbotMode, query}, version);
  }
  void keep(std::int64_t version, std::int64_t total) {
    cache.keep({scope, kChatbotMode, query}, version, total);
  }
  void note(RowChange change) { cache.record(std::span(&change, 1)); }

  Scope scope{Level::my, user("ann")};
  PageQuery query = PageQuery::parse(
      R"({"filters": {"name": {"operator": "startsWith", "value": "a"}}})", workflowSchema());
  CountCache cache;
};

}  // namespace

TEST_CASE("a total is known for the version that it was counted at") {
  CacheFixture fixture;
  CHECK_FALSE(fixture.total(5));
  fixture.keep(5, 12);
  CHECK(fixture.total(5) == 12);
  CHECK_FALSE(fixture.total(6));
  CHECK_FALSE(fixture.total(4));
}

TEST_CASE("a total follows the rows that come into the list and leave it") {
  CacheFixture fixture;
  fixture.keep(5, 12);
  fixture.note({6, {}, row("ann", "a new one")});
  fixture.note({7, row("ann", "abc"), row("ann", "xyz")});
  fixture.note({8, row("ann", "xyz"), row("ann", "abc")});
  fixture.note({9, row("ann", "abc"), {}});
  fixture.note({10, {}, row("bob", "another's")});
  fixture.note({11, row("ann", "abc"), row("ann", "abcd")});
  CHECK(fixture.total(6) == 13);
  CHECK(fixture.total(7) == 12);
  CHECK(fixture.total(8) == 13);
  CHECK(fixture.total(9) == 12);
  CHECK(fixture.total(11) == 12);
}

TEST_CASE("a reader of an earlier moment gets the total of that moment") {
  CacheFixture fixture;
  fixture.keep(5, 12);
  fixture.note({6, {}, row("ann", "a")});
  fixture.note({7, {}, row("ann", "ab")});
  CHECK(fixture.total(7) == 14);
  CHECK(fixture.total(6) == 13);
  CHECK(fixture.total(5) == 12);
  CHECK_FALSE(fixture.total(4));
  CHECK(fixture.total(7) == 14);
}

TEST_CASE("a change that is missing has the total counted again") {
  CacheFixture fixture;
  fixture.keep(5, 12);
  fixture.note({6, {}, row("ann", "a")});
  fixture.note({8, {}, row("ann", "ab")});  // 7 was another process
  CHECK_FALSE(fixture.total(8));
  fixture.keep(8, 20);
  fixture.note({9, {}, row("ann", "abc")});
  CHECK(fixture.total(9) == 21);
}

TEST_CASE("more changes than are kept have the total counted again") {
  CacheFixture fixture;
  const auto last = static_cast<std::int64_t>(CountCache::kMaxChanges);
  fixture.keep(0, 0);
  fixture.keep(1, 1);
  for (std::int64_t version = 1; version <= last; ++version) {
    fixture.note({version, {}, row("ann", "a")});
  }
  CHECK(fixture.total(last) == last);
  fixture.keep(last, 5);
  for (std::int64_t version = last + 1; version <= 2 * last + 1; ++version) {
    fixture.note({version, {}, row("ann", "a")});
  }
  CHECK_FALSE(fixture.total(2 * last + 1));
}

TEST_CASE("lists that differ in anything but page and order have totals of their own") {
  CacheFixture fixture;
  fixture.keep(1, 7);
  const PageQuery everything = PageQuery::parse("{}", workflowSchema());
  CHECK_FALSE(fixture.cache.total({fixture.scope, kChatbotMode, everything}, 1));
  CHECK_FALSE(fixture.cache.total({fixture.scope, "Other", fixture.query}, 1));
  for (const Scope& other :
       {Scope(Level::my, user("bob")), Scope(Level::group, user("ann")), Scope::system(),
        Scope(Level::my, user("ann", "m2")), Scope(Level::all, user("ann"))}) {
    CHECK_FALSE(fixture.cache.total({other, kChatbotMode, fixture.query}, 1));
  }
  const PageQuery sorted = PageQuery::parse(
      R"({"page": 3, "sort": [{"field": "name"}],
          "filters": {"name": {"value": "a", "operator": "startsWith"}}})",
      workflowSchema());
  CHECK(fixture.cache.total({fixture.scope, kChatbotMode, sorted}, 1) == 7);
}

TEST_CASE("the list that was not asked for longest is forgotten") {
  CacheFixture fixture;
  fixture.keep(1, 7);
  std::vector<Scope> others;
  for (std::size_t i = 0; i < CountCache::kMaxTotals; ++i) {
    others.emplace_back(Level::my, user("user" + std::to_string(i)));
    fixture.cache.keep({others.back(), kChatbotMode, fixture.query}, 1, 1);
    if (i == 0) CHECK(fixture.total(1) == 7);
  }
  CHECK_FALSE(fixture.cache.total({others.front(), kChatbotMode, fixture.query}, 1));
  CHECK(fixture.total(1) == 7);
}

TEST_CASE("a list that depends on when its rows were active is not covered") {
  const auto covers = [](const char* filters) {
    return CountCache::covers(PageQuery::parse(
        std::string("{\"sort\": [{\"field\": \"lastActivity\"}], \"filters\": ") + filters + "}",
        workflowSchema()));
  };
  CHECK(covers("{}"));
  CHECK(covers(R"({"search": "x", "status": "running"})"));
  CHECK_FALSE(covers(R"({"lastActivity": {"operator": "gt", "value": 5}})"));
}

TEST_CASE("a version that comes again is of another database, of which nothing is known") {
  CacheFixture fixture;
  fixture.keep(5, 12);
  fixture.note({6, {}, row("ann", "a")});
  CHECK(fixture.cache.newest() == 6);
  CHECK(fixture.total(6) == 13);
  fixture.note({6, {}, row("bob", "b")});
  CHECK_FALSE(fixture.total(6));
  CHECK_FALSE(fixture.total(5));
  fixture.keep(9, 3);
  CHECK(fixture.cache.newest() == 9);
  fixture.note({8, {}, row("ann", "a")});
  CHECK_FALSE(fixture.total(9));
  fixture.keep(8, 2);
  fixture.cache.forget();
  CHECK_FALSE(fixture.total(8));
  CHECK(fixture.cache.newest() == 0);
}
