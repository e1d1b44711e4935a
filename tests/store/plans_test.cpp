// How the database answers lists: from an index, in its order.
#include <doctest/doctest.h>

#include <string>

#include "store/item_table.h"
#include "store/lists.h"
#include "store/workflow_table.h"
#include "support/connect.h"
#include "support/fixtures.h"
#include "support/recording_connection.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;
using namespace chatbot::test;

namespace {

bool isPostgres() { return !postgresServer().empty(); }

// PostgreSQL decides by what there is.
constexpr const char* kRows = R"sql(
INSERT INTO workflow (id, mandateId, name, status, workflowMode, currentRound, currentTask,
  currentAction, totalTasks, totalActions, startedAt, lastActivity, createdBy, createdAt, lastSeq)
SELECT decode(lpad(to_hex(n), 8, '0'), 'hex'), CASE n % 20 WHEN 0 THEN BYTEA 'm1' ELSE 'm2' END,
  decode(lpad(to_hex(n * 7919 % 20000), 8, '0'), 'hex'),
  CASE n % 50 WHEN 0 THEN BYTEA 'running' ELSE 'completed' END, 'Chatbot',
  1, 0, 0, 0, 0, 1, n * 7919 % 20000, CASE n % 80 WHEN 0 THEN BYTEA 'ann' ELSE 'bob' END, 1, 1
FROM generate_series(1, 20000) AS n
)sql";

// In the middle of those rows.
SqlValue middleOf(const Field& field) {
  if (field.type != FieldType::text) return 10'000.0;
  return field.name == "status" ? std::string("completed") : std::string("\0\0\x27\x10", 4);
}

struct PlansFixture {
  PlansFixture() {
    makeTables(connection);
    if (!isPostgres()) return;
    connection.run(kRows);
    runOutside(folder.database(), "VACUUM ANALYZE workflow");
  }

  // The plan of the statement that ran last, a line for each step.
  std::string plan() {
    const Statement last = connection.statements.back();
    const char* const explain = isPostgres() ? "EXPLAIN " : "EXPLAIN QUERY PLAN ";
    const int column = isPostgres() ? 0 : 3;
    std::string text;
    for (const Row& row : test::query(connection, explain + last.sql, last.values)) {
      text += std::string(row.text(column)) + "\n";
    }
    return text;
  }

  std::string ofPage(const Scope& scope, const std::string& params, bool isByCursor = false,
                     Direction direction = Direction::forward) {
    PageQuery query = PageQuery::parse(params, workflowSchema());
    if (isByCursor) {
      CursorPosition position;
      for (const SortKey& key : query.keys(newestFirst())) {
        position.values.push_back(middleOf(key.field));
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

  DatabaseFolder folder;
  RecordingConnection connection{connect(folder.database())};
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

bool has(const std::string& plan, const std::string& text) {
  return plan.find(text) != std::string::npos;
}

// Whether the rows are read from the index, in its order.
void checkPlan(const std::string& plan, const std::string& index) {
  CAPTURE(plan);
  if (isPostgres()) {
    CHECK(has(plan, " using " + index + " "));
    CHECK_FALSE(has(plan, "Seq Scan"));
    CHECK_FALSE(has(plan, "Sort"));
    return;
  }
  CHECK(has(plan, "SEARCH workflow USING INDEX " + index + " ("));
  CHECK_FALSE(has(plan, "SCAN"));
  CHECK_FALSE(has(plan, "TEMP B-TREE"));
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
    CHECK((has(plan, "lastActivity<?") || has(plan, "(lastactivity <= ")));
  }
}

TEST_CASE("a count without filters reads an index alone") {
  PlansFixture fixture;
  for (const LevelCase& level : levels()) {
    const std::string plan = fixture.ofCount(level.scope, "{}");
    CAPTURE(plan);
    const std::string index = std::string("workflow_") + level.name;
    // PostgreSQL finds the table as cheap where all of it is counted.
    const bool countsAll = isPostgres() && level.scope.level() == Level::all;
    CHECK((has(plan, "SEARCH workflow USING COVERING INDEX " + index) ||
           has(plan, "Index Only Scan using " + index) || countsAll));
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
    const std::string one = fixture.plan();
    CHECK((has(one, "(id=?)") || has(one, "(id = ")));
    selectItems(rows, "x", {.limit = 1, .maxBytes = 1});
    const std::string items = fixture.plan();
    CHECK_FALSE(has(items, "SCAN"));
    CHECK_FALSE(has(items, "Seq Scan on workflow"));
  }
}
