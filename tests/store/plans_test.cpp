// How the database answers lists: from an index, in its order.
#include <doctest/doctest.h>

#include <string>

#include "store/migrations.h"
#include "store/sqlite/connection.h"
#include "store/statements.h"
#include "support/fixtures.h"
#include "support/recording_connection.h"

using namespace chatbot;
using namespace chatbot::store;
using namespace chatbot::test;

namespace {

struct PlansFixture {
  PlansFixture() { migrate(connection); }

  // The plan of the statement that ran last, a line for each step.
  std::string plan() {
    const Statement last = connection.statements.back();
    std::string text;
    connection.run("EXPLAIN QUERY PLAN " + last.sql, last.values, [&](const Row& row) {
      text += std::string(row.text(3)) + "\n";
      return true;
    });
    return text;
  }

  std::string ofPage(const Scope& scope, const std::string& params, bool isByCursor = false,
                     Direction direction = Direction::forward) {
    PageQuery query = PageQuery::parse(params, workflowSchema());
    if (isByCursor) {
      CursorPosition position;
      for (const SortKey& key : query.keys(newestFirst())) {
        position.values.push_back(key.field.type == FieldType::text ? SqlValue(std::string("x"))
                                                                    : SqlValue(1.5));
      }
      query.startAfter(position);
    }
    ScopedConnection rows(connection, scope);
    selectWorkflows(rows, {kChatbotMode, query}, {.limit = 20, .direction = direction});
    return plan();
  }

  std::string ofCount(const Scope& scope, const std::string& params) {
    const PageQuery query = PageQuery::parse(params, workflowSchema());
    ScopedConnection rows(connection, scope);
    countWorkflows(rows, {kChatbotMode, query});
    return plan();
  }

  TemporaryFolder folder;
  RecordingConnection connection{
      openSqlite({.path = folder.file("a.sqlite")}, SqliteMode::readWrite, {})};
};

struct LevelCase {
  const char* name;
  Scope scope;
};

const std::vector<LevelCase>& levels() {
  static const std::vector<LevelCase> all = {{"my", Scope(Level::my, user("ann"))},
                                             {"group", Scope(Level::group, user("ann"))},
                                             {"all", Scope(Level::all, user("ann"))}};
  return all;
}

struct ListCase {
  const char* index;
  const char* params;
};

// What clients ask for.
constexpr ListCase kLists[] = {
    {"activity", "{}"},
    {"activity", R"({"sort": [{"field": "lastActivity", "direction": "desc"}]})"},
    {"name", R"({"sort": [{"field": "name"}]})"},
    {"status", R"({"filters": {"status": "running"}})"},
    {"status",
     R"({"sort": [{"field": "status"}, {"field": "lastActivity", "direction": "desc"}]})"},
};

void checkPlan(const std::string& plan, const std::string& index) {
  CAPTURE(plan);
  CHECK(plan.find("SEARCH workflow USING INDEX " + index + " (") != std::string::npos);
  CHECK(plan.find("SCAN") == std::string::npos);
  CHECK(plan.find("TEMP B-TREE") == std::string::npos);
}

}  // namespace

TEST_CASE("the lists that clients ask for are read from an index, in its order, at each level") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    for (const ListCase& list : kLists) {
      CAPTURE(list.params);
      const std::string index = std::string("workflow_") + level.name + "_" + list.index;
      checkPlan(fixture.ofPage(level.scope, list.params), index);
      checkPlan(fixture.ofPage(level.scope, list.params, true), index);
      checkPlan(fixture.ofPage(level.scope, list.params, false, Direction::backward), index);
    }
  }
}

TEST_CASE("a page by cursor enters the index at its row") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    const std::string plan = fixture.ofPage(level.scope, "{}", true);
    CAPTURE(plan);
    CHECK(plan.find("lastActivity<?") != std::string::npos);
  }
}

TEST_CASE("a count without filters reads an index alone") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    const std::string plan = fixture.ofCount(level.scope, "{}");
    CAPTURE(plan);
    CHECK(plan.find("SEARCH workflow USING COVERING INDEX workflow_" + std::string(level.name)) !=
          std::string::npos);
  }
}

TEST_CASE("a search goes through the rows of the caller's level in the list's order") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    checkPlan(fixture.ofPage(level.scope, R"({"filters": {"search": "x"}})"),
              std::string("workflow_") + level.name + "_activity");
  }
}

TEST_CASE("one workflow is found by its id, whatever the level") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    ScopedConnection rows(fixture.connection, level.scope);
    selectWorkflow(rows, "x");
    CHECK(fixture.plan().find("(id=?)") != std::string::npos);
    selectItems(rows, "x", {.limit = 1, .maxBytes = 1});
    CHECK(fixture.plan().find("SCAN") == std::string::npos);
  }
}
