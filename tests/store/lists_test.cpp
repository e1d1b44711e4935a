#include "store/lists.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "database/sqlite/sqlite.h"
#include "support/fixtures.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

using Ids = std::vector<std::string>;

constexpr const char* kForeign = "cursor: it was not made for this caller, sort and filters";

Ids idsOf(const std::vector<Workflow>& workflows) {
  Ids ids;
  for (const Workflow& workflow : workflows) ids.push_back(workflow.id);
  return ids;
}

// The workflow `number` of the owner that fill() brings in.
std::string idOf(const std::string& owner, std::uint64_t number) {
  return test::idOf((owner == "ann" ? 1000 : 2000) + number * 37 % 1000);
}

// As another program would.
struct ListsFixture : StoreFixture {
  // `count` workflows that ended, some active at the same moment.
  void fill(std::size_t count, const std::string& owner = "ann") {
    std::vector<Import> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
      Workflow& workflow = rows[i].workflow;
      workflow = newWorkflow(user(owner), "thread " + std::to_string(i % 7));
      workflow.id = idOf(owner, i);
      workflow.status = i % 3 == 0 ? WorkflowStatus::stopped : WorkflowStatus::completed;
      workflow.lastActivity = static_cast<double>(i * 31 % 50);
    }
    store->import(Scope::system(), rows);
  }

  WorkflowPage page(const nlohmann::json& params, const Scope& caller) {
    return store->list(caller, kChatbotMode, PageQuery::parse(params.dump(), workflowSchema()));
  }
  WorkflowPage page(const nlohmann::json& params) { return page(params, scope); }

  std::string refusalOf(const nlohmann::json& params, const Scope& other) {
    return test::refusalOf([&] { page(params, other); });
  }

  // All pages by cursor; `between` is called after each.
  template <typename Between>
  Ids walk(nlohmann::json params, const Between& between) {
    Ids ids;
    for (;;) {
      const WorkflowPage next = page(params);
      for (const Workflow& workflow : next.items) ids.push_back(workflow.id);
      if (next.nextCursor.empty()) return ids;
      CHECK(std::ssize(next.items) == params["pageSize"]);
      params["cursor"] = next.nextCursor;
      between(next);
    }
  }

  Scope scope{Level::my, user("ann")};
};

nlohmann::json randomParams(std::mt19937& random) {
  static const std::vector<std::string> kSorts = {
      "[]", R"([{"field": "name"}])", R"([{"field": "status", "direction": "desc"}])",
      R"([{"field": "name", "direction": "desc"}, {"field": "lastActivity"}])",
      R"([{"field": "maxSteps"}, {"field": "id", "direction": "desc"}])"};
  static const std::vector<std::string> kFilters = {
      "null", R"({"status": "completed"})", R"({"search": "THREAD 1"})",
      R"({"name": {"operator": "ne", "value": "thread 2"}, "maxSteps": 10})"};
  return {{"pageSize", 1 + random() % 9},
          {"sort", nlohmann::json::parse(kSorts[random() % kSorts.size()])},
          {"filters", nlohmann::json::parse(kFilters[random() % kFilters.size()])}};
}

}  // namespace

TEST_CASE("pages by cursor are the pages by number, with the same numbers and totals") {
  ListsFixture fixture;
  fixture.fill(100);
  fixture.fill(20, "bob");
  std::mt19937 random(1);
  for (int i = 0; i < 60; ++i) {
    nlohmann::json params = randomParams(random);
    CAPTURE(params.dump());
    nlohmann::json byNumber = params;
    std::int64_t number = 1;
    fixture.walk(params, [&](const WorkflowPage& page) {
      byNumber["page"] = number;
      const WorkflowPage same = fixture.page(byNumber);
      CHECK(page.page == number);
      CHECK(idsOf(page.items) == idsOf(same.items));
      CHECK(page.totalItems == same.totalItems);
      ++number;
    });
    byNumber["page"] = number;
    CHECK(fixture.page(byNumber).nextCursor.empty());
    CHECK(!fixture.page(byNumber).items.empty());
    byNumber["page"] = number + 1;
    CHECK(fixture.page(byNumber).items.empty());
  }
}

TEST_CASE("a cursor goes on from any page, with another page size too") {
  ListsFixture fixture;
  fixture.fill(30);
  const Ids all = idsOf(fixture.page({{"pageSize", 1000}}).items);
  const WorkflowPage second = fixture.page({{"page", 2}, {"pageSize", 7}});
  const WorkflowPage rest = fixture.page({{"cursor", second.nextCursor}, {"pageSize", 100}});
  CHECK(rest.page == 3);
  CHECK(idsOf(rest.items) == Ids(all.begin() + 14, all.end()));
}

// Rows that nobody touches are met once each, whatever happens to the others.
TEST_CASE("a walk by cursor shows each untouched row exactly once while others come and go") {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    ListsFixture fixture;
    fixture.fill(120);
    std::set<std::string> touched;
    const auto disturb = [&](const WorkflowPage&) {
      for (int i = 0; i < 3; ++i) {
        fixture.environment->advance(std::chrono::seconds(1));
        touched.insert(fixture.begin(user("ann")).id);
        const std::string any = idOf("ann", random() % 120);
        touched.insert(any);
        if (random() % 2 == 0) fixture.store->remove(fixture.scope, any);
        fixture.store->rename(fixture.scope, any, "thread " + std::to_string(random() % 9));
        beginRound(*fixture.store, fixture.scope, any, textMessage("again", "user", "first"));
      }
    };
    nlohmann::json params = randomParams(random);
    params["filters"] = nullptr;
    params["pageSize"] = 10 + random() % 20;  // more than come while a page is read
    CAPTURE(params.dump());
    std::map<std::string, int> seen;
    for (const std::string& id : fixture.walk(params, disturb)) ++seen[id];
    int untouched = 0;
    for (std::size_t i = 0; i < 120; ++i) {
      const std::string id = idOf("ann", i);
      if (touched.contains(id)) continue;
      ++untouched;
      CHECK(seen[id] == 1);
    }
    CHECK(untouched > 10);
  }
}

TEST_CASE("totals stay exact through every change") {
  ListsFixture fixture;
  fixture.fill(40);
  fixture.fill(40, "bob");
  std::mt19937 random(3);
  const std::vector<Scope> scopes = {fixture.scope, Scope(Level::group, user("ann")),
                                     Scope::system(), Scope(Level::my, user("bob"))};
  Ids ids;
  for (int step = 0; step < 600; ++step) {
    const std::string any = idOf(random() % 2 == 0 ? "ann" : "bob", random() % 40);
    switch (random() % 6) {
      case 0:
        fixture.store->renameInRound(
            Scope::system(),
            {fixture.begin(user(random() % 2 == 0 ? "ann" : "bob"), "hello").id, 1},
            "thread " + std::to_string(random() % 9));
        break;
      case 1:
        fixture.store->remove(Scope::system(), any);
        break;
      case 2:
        fixture.store->rename(Scope::system(), any, "thread " + std::to_string(random() % 9));
        break;
      case 3:
        beginRound(*fixture.store, Scope::system(), any, textMessage("x", "user", "first"));
        break;
      case 4:
        if (const auto found = fixture.store->find(Scope::system(), any)) {
          fixture.store->stop(Scope::system(), {any, found->currentRound});
        }
        break;
      default:
        fixture.store->endRound(Scope::system(), {any, 1}, WorkflowStatus::completed, {});
    }
    nlohmann::json params = randomParams(random);
    params["pageSize"] = 1000;
    const Scope& scope = scopes[random() % scopes.size()];
    CAPTURE(params.dump());
    const WorkflowPage page = fixture.page(params, scope);
    CHECK(page.totalItems == std::ssize(page.items));
  }
}

TEST_CASE("totals are right after another engine on the database has written") {
  ListsFixture fixture;
  fixture.fill(10);
  CHECK(fixture.page({{"page", 1}}).totalItems == 10);
  const auto other = Store::open(fixture.options, fixture.environment);
  other->remove(Scope::system(), idOf("ann", 0));
  CHECK(fixture.page({{"page", 1}}).totalItems == 9);
  fixture.begin();
  CHECK(fixture.page({{"page", 1}}).totalItems == 10);
  fixture.fill(5, "bob");
  CHECK(fixture.page({{"page", 1}}, Scope::system()).totalItems == 15);
}

TEST_CASE("a cursor is tied to its caller, mode, sort and filters") {
  ListsFixture fixture;
  fixture.fill(10);
  const nlohmann::json params = {{"pageSize", 3}, {"filters", {{"status", "completed"}}}};
  nlohmann::json next = params;
  next["cursor"] = fixture.page(params).nextCursor;
  CHECK(fixture.refusalOf(next, fixture.scope) == "accepted");
  CHECK(fixture.refusalOf(next, Scope(Level::my, user("bob"))) == kForeign);
  CHECK(fixture.refusalOf(next, Scope(Level::my, user("ann", "m2"))) == kForeign);
  CHECK(test::refusalOf([&] {
          fixture.store->list(fixture.scope, "Other",
                              PageQuery::parse(next.dump(), workflowSchema()));
        }) == kForeign);
  nlohmann::json other = next;
  other["sort"] = {{{"field", "name"}}};
  CHECK(fixture.refusalOf(other, fixture.scope) == kForeign);
  other = next;
  other["filters"] = {{"status", "stopped"}};
  CHECK(fixture.refusalOf(other, fixture.scope) == kForeign);
  // The caller's level may change on the way: the rows follow it.
  CHECK(fixture.refusalOf(next, Scope(Level::all, user("ann"))) == "accepted");
  CHECK(fixture.page(next, Scope(Level::none, user("ann"))).items.empty());
}

TEST_CASE("a cursor is good for the same list, however it is asked for") {
  ListsFixture fixture;
  fixture.fill(10);
  const auto goesOn = [&](const char* first, const char* then) {
    nlohmann::json before = nlohmann::json::parse(first);
    nlohmann::json after = nlohmann::json::parse(then);
    before["pageSize"] = 3;
    after["cursor"] = fixture.page(before).nextCursor;
    return fixture.refusalOf(after, fixture.scope);
  };
  constexpr const char* kPlain = "{}";
  for (const char* same :
       {R"({"filters": {}})", R"({"filters": null})", R"({"sort": []})",
        R"({"sort": [{"field": "lastActivity", "direction": "desc"}]})",
        R"({"sort": [{"field": "lastActivity", "direction": "desc"}, {"field": "id"}]})"}) {
    CAPTURE(same);
    CHECK(goesOn(kPlain, same) == "accepted");
    CHECK(goesOn(same, kPlain) == "accepted");
  }
  CHECK(goesOn(kPlain, R"({"sort": [{"field": "lastActivity"}]})") == kForeign);
}

TEST_CASE("a cursor outlives the engine, and no longer than a day") {
  ListsFixture fixture;
  fixture.fill(10);
  nlohmann::json params = {{"pageSize", 3}};
  params["cursor"] = fixture.page(params).nextCursor;
  fixture.reopen();
  CHECK(fixture.refusalOf(params, fixture.scope) == "accepted");
  const auto another =
      Store::open({.path = fixture.folder.database("another")}, fixture.environment);
  const PageQuery query = PageQuery::parse(params.dump(), workflowSchema());
  CHECK(test::refusalOf([&] { another->list(fixture.scope, kChatbotMode, query); }) == kForeign);
  fixture.environment->advance(std::chrono::hours(25));
  CHECK(fixture.refusalOf(params, fixture.scope) == "cursor: it is older than a day");
}

TEST_CASE("the totals are those of an older copy of the database that takes its place" *
          doctest::test_suite("sqlite")) {
  ListsFixture fixture;
  fixture.fill(3);
  const std::string older = fixture.folder.file("older.sqlite");
  runOutside(fixture.options.path, "VACUUM INTO '" + older + "'");
  for (int i = 0; i < 4; ++i) fixture.begin();
  CHECK(fixture.page({{"page", 1}}).totalItems == 7);
  // As a restore does it: the rows, and the version that counts their changes.
  runOutside(
      fixture.options.path,
      "ATTACH '" + older +
          "' AS older;"
          "DELETE FROM workflow; INSERT INTO workflow SELECT * FROM older.workflow;"
          "UPDATE workflow_version SET version = (SELECT version FROM older.workflow_version);");
  SUBCASE("at once") { CHECK(fixture.page({{"page", 1}}).totalItems == 3); }
  SUBCASE("when its version has come as far") {
    std::int64_t total = 3;
    for (int i = 0; i < 3; ++i, ++total) fixture.begin();
    CHECK(fixture.page({{"page", 1}}).totalItems == total);
    fixture.begin();
    CHECK(fixture.page({{"page", 1}}).totalItems == total + 1);
  }
  SUBCASE("when others have changed it") {
    CHECK(fixture.page({{"page", 1}}).totalItems == 3);
    for (int i = 0; i < 4; ++i) {
      runOutside(fixture.options.path,
                 "DELETE FROM workflow WHERE id = (SELECT max(id) FROM workflow)");
    }
    CHECK(fixture.page({{"page", 1}}).totalItems == 0);
  }
}
