// The rows of a list are exactly those that a check one by one allows.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "chatbot/store.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

using Ids = std::vector<std::string>;

// Names that are alike for a comparison which is not by bytes, or which takes them for SQL.
const std::vector<std::string> kUsers = {"ann", "Ann", "ann ", "bob", "%", "a'b", "äb", "NULL"};
const std::vector<std::string> kMandates = {"", "m1", "M1", "m1 ", "m_", "1", "1.0", "ß"};

class Inputs {
 public:
  explicit Inputs(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return random_() % limit; }

  const std::string& pick(const std::vector<std::string>& texts) {
    return texts[below(texts.size())];
  }

  RuleSet rules() {
    std::vector<Rule> rules;
    for (const char* role : {"a", "b", "c", "d"}) {
      for (const char* table : {"*", "ChatWorkflow", "ChatMessage"}) {
        if (below(3) > 0) rules.push_back({role, table, level(), level(), level(), level()});
      }
    }
    return RuleSet(std::move(rules));
  }

  // With roles that may repeat or be unknown, and none now and then.
  Identity caller() {
    Identity caller{pick(kUsers), pick(kMandates), {}};
    for (std::size_t i = below(4); i > 0; --i)
      caller.roles.push_back(pick({"a", "b", "c", "d", "e"}));
    return caller;
  }

  Operation operation() { return static_cast<Operation>(below(4)); }

  std::vector<Import> workflows(std::size_t count) {
    std::vector<Import> imports(count);
    for (std::size_t i = 0; i < count; ++i) {
      Workflow& workflow = imports[i].workflow;
      workflow = newWorkflow(user(pick(kUsers), pick(kMandates)));
      workflow.id = idOf(i);
      workflow.lastActivity = static_cast<double>(below(20));  // with ties
      workflow.status = WorkflowStatus::completed;
    }
    return imports;
  }

 private:
  // Wider levels less often, so that they do not cover the others.
  std::optional<Level> level() {
    const std::size_t number = below(16);
    if (number == 0) return Level::all;
    if (number < 3) return Level::group;
    if (number < 8) return Level::my;
    if (number < 12) return Level::none;
    return std::nullopt;
  }

  std::mt19937 random_;
};

Ids sorted(Ids ids) {
  std::ranges::sort(ids);
  return ids;
}

Ids idsOf(const std::vector<Workflow>& workflows) {
  Ids ids;
  for (const Workflow& workflow : workflows) ids.push_back(workflow.id);
  return ids;
}

Ids allowedOneByOne(const Scope& scope, const std::vector<Import>& rows) {
  Ids ids;
  for (const auto& [row, items] : rows) {
    if (scope.allows(row.mandateId, row.createdBy)) ids.push_back(row.id);
  }
  return ids;
}

// The rows of all pages, and that each page knows how many they are.
Ids idsOfPages(Store& store, const Scope& scope, std::size_t expected) {
  Ids ids;
  for (std::size_t page = 1; ids.size() < expected || page == 1; ++page) {
    const std::string params = "{\"pageSize\": 7, \"page\": " + std::to_string(page) + "}";
    const WorkflowPage found =
        store.list(scope, kChatbotMode, PageQuery::parse(params, workflowSchema()));
    REQUIRE(found.totalItems == static_cast<std::int64_t>(expected));
    if (found.items.empty()) break;
    std::ranges::move(idsOf(found.items), std::back_inserter(ids));
  }
  return ids;
}

void checkFinds(Store& store, const Scope& scope, const std::vector<Import>& rows) {
  for (const Import& each : rows) {
    const Workflow& row = each.workflow;
    CAPTURE(row.id);
    REQUIRE(store.find(scope, row.id).has_value() == scope.allows(row.mandateId, row.createdBy));
  }
}

// Counts the scopes that saw something, but not all: the others say little.
struct Seen {
  std::size_t some = 0;
  std::size_t none = 0;
  std::size_t all = 0;
};

void compare(Store& store, const Scope& scope, const std::vector<Import>& rows, Seen& seen) {
  const Ids expected = sorted(allowedOneByOne(scope, rows));
  const PageQuery everything = PageQuery::everything(workflowSchema());
  REQUIRE(sorted(idsOf(store.listAll(scope, kChatbotMode, everything))) == expected);
  REQUIRE(sorted(idsOfPages(store, scope, expected.size())) == expected);
  if (expected.empty()) ++seen.none;
  if (expected.size() == rows.size()) ++seen.all;
  if (!expected.empty() && expected.size() < rows.size()) ++seen.some;
}

}  // namespace

TEST_CASE("a list has exactly the rows that a check one by one allows") {
  Seen seen;
  for (unsigned seed = 0; seed < 5; ++seed) {
    CAPTURE(seed);
    Inputs inputs(seed);
    StoreFixture fixture;
    const std::vector<Import> rows = inputs.workflows(200);
    fixture.store->import(Scope::system(), rows);
    for (int round = 0; round < 60; ++round) {
      const RuleSet rules = inputs.rules();
      const Identity caller = inputs.caller();
      CAPTURE(rules.toJson());
      CAPTURE(caller.userId);
      CAPTURE(caller.mandateId);
      const Scope scope = rules.scope(caller, kWorkflowTable, inputs.operation());
      compare(*fixture.store, scope, rows, seen);
      if (round % 10 == 0) checkFinds(*fixture.store, scope, rows);
    }
  }
  CHECK(seen.some > 50);
  CHECK(seen.none > 50);
  CHECK(seen.all > 5);
}

TEST_CASE("a list has exactly the caller's rows at each level, whatever the names look like") {
  StoreFixture fixture;
  Inputs inputs(100);
  const std::vector<Import> rows = inputs.workflows(300);
  fixture.store->import(Scope::system(), rows);
  Seen seen;
  for (const Level level : {Level::none, Level::my, Level::group, Level::all}) {
    for (const std::string& userId : kUsers) {
      for (const std::string& mandateId : kMandates) {
        compare(*fixture.store, Scope(level, user(userId, mandateId)), rows, seen);
      }
    }
  }
  CHECK(seen.all == kUsers.size() * kMandates.size());
  CHECK(seen.some > kUsers.size() * kMandates.size());
}
