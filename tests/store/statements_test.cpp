// Every statement on tenants' rows carries the caller's condition.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "store/draft_table.h"
#include "store/item_table.h"
#include "store/lists.h"
#include "store/removal.h"
#include "store/round_queue_table.h"
#include "store/start_key_table.h"
#include "store/workflow_table.h"
#include "support/connect.h"
#include "support/fixtures.h"
#include "support/recording_connection.h"

using namespace chatbot;
using namespace chatbot::database;
using namespace chatbot::store;
using namespace chatbot::test;

namespace {

bool binds(const Statement& statement, const std::string& text) {
  return std::ranges::find(statement.values, SqlValue(text)) != statement.values.end();
}

struct StatementsFixture {
  StatementsFixture() {
    makeTables(connection);
    ScopedConnection all(connection, Scope::system());
    workflow.id = "w";
    workflow.lastSeq = 1;
    workflow.currentRound = 1;
    REQUIRE(insertWorkflow(all, workflow, kInstance));
    Message first = textMessage("hi");
    first.id = "m";
    insertItem(all, first, place());
    upsertDraft(all, draft);
    connection.statements.clear();
  }

  ItemPlace place() const {
    return {.workflowId = workflow.id, .seq = 1, .round = 1, .createdAt = 1};
  }

  // The statements of all tables, each within `rows`.
  void runAll(ScopedConnection& rows) {
    const std::array instances = {kInstance};
    found += std::ssize(selectAbandonedRounds(rows, instances, 10));
    const PageQuery query = PageQuery::everything(workflowSchema());
    const Selection selection{kChatbotMode, query};
    found += selectWorkflow(rows, "w").has_value() ? 1 : 0;
    found += countWorkflows(rows, selection);
    found += std::ssize(selectWorkflows(rows, selection, {.limit = kEveryRow}));
    found += std::ssize(selectItems(rows, "w", {.limit = 10, .maxBytes = 1000}));
    found += std::ssize(selectMessagesBefore(rows, "w", 9, {}));
    found += std::ssize(selectRunningRounds(rows));
    found += std::ssize(selectRoundsOf(rows, kInstance));
    insertItem(rows, textMessage("more"),
               {.workflowId = "w", .seq = 2, .round = 1, .createdAt = 1});
    upsertDraft(rows, draft);
    found += selectDraft(rows, "w").has_value() ? 1 : 0;
    found += hasMessage(rows, "w", 0, "m") ? 1 : 0;
    found += extendRound(rows, {"w", 1}, 1, 2).has_value() ? 1 : 0;
    found += updateName(rows, "w", "new").has_value() ? 1 : 0;
    found += updateNameInRound(rows, {"w", 1}, "newer").has_value() ? 1 : 0;
    found += updateToEnded(rows, {"w", 1}, WorkflowStatus::stopped, 2).has_value() ? 1 : 0;
    runQueue(rows);
    runKeys(rows);
    found += updateToNextRound(rows, "w", kInstance, 2).has_value() ? 1 : 0;
    found += updateToEnded(rows, {"w", 2}, WorkflowStatus::completed, 3).has_value() ? 1 : 0;
    deleteDraft(rows, "w");
    found += removeWorkflow(rows, "w") ? 1 : 0;
    Workflow other = workflow;
    other.id = "other";
    found += insertWorkflow(rows, other, kInstance) ? 1 : 0;
  }

  void runQueue(ScopedConnection& rows) {
    const std::array gone = {kInstance};
    insertQueued(rows, "w", {.round = 2, .userId = "ann", .input = input}, kInstance);
    found += countQueued(rows, "w");
    found += hasQueued(rows, kInstance) ? 1 : 0;
    found += hasAbandonedQueue(rows, gone) ? 1 : 0;
    found += std::ssize(selectReadyStarts(rows, kInstance));
    found += selectNextQueued(rows, "w", kInstance).has_value() ? 1 : 0;
    adoptQueued(rows, kInstance + 1, gone);
    found += hasQueued(rows, kInstance + 1) ? 1 : 0;
    deleteQueued(rows, "w", 2);
    deleteQueue(rows, "w");
  }

  void runKeys(ScopedConnection& rows) {
    upsertStart(rows, user("ann"), "k", {.fingerprint = "f", .workflowId = "w", .round = 1}, 5);
    found += selectStart(rows, user("ann"), "k", 0).has_value() ? 1 : 0;
    deleteExpiredStarts(rows, 9, 1);
    found += selectStart(rows, user("ann"), "k", 0).has_value() ? 1 : 0;
  }

  // The rows of all tables, each column by its type: a text, an integer or a real.
  std::string contents() {
    const std::vector<std::pair<const char*, std::string_view>> queries = {
        {"SELECT id, name, status, lastSeq, lastActivity FROM workflow", "tttir"},
        {"SELECT workflowId, seq, json FROM item", "tit"},
        {"SELECT workflowId, bytes FROM draft", "ti"},
        {"SELECT workflowId, start, text FROM draft_piece", "tit"},
        {"SELECT workflowId, round, instance FROM round_queue", "tii"},
        {"SELECT createdBy, key, workflowId FROM start_key", "ttt"}};
    std::string all;
    for (const auto& [sql, types] : queries) {
      for (const Row& row : connection.query(sql)) all += textOf(row, types) + "\n";
    }
    return all;
  }

  static std::string textOf(const Row& row, std::string_view types) {
    std::string text;
    for (std::size_t i = 0; i < types.size(); ++i) {
      const int column = static_cast<int>(i);
      if (types[i] == 't') text += row.text(column);
      if (types[i] == 'i') text += std::to_string(row.integer(column));
      if (types[i] == 'r') text += std::to_string(row.real(column));
      text += ' ';
    }
    return text;
  }

  static constexpr std::int64_t kInstance = 7;  // one that the database does not know
  DatabaseFolder folder;
  RecordingConnection connection{connect(folder.database())};
  Workflow workflow = newWorkflow(user("ann"));
  Draft draft{.workflowId = "w", .round = 1, .messageId = "d", .afterSeq = 0, .text = "half"};
  UserInput input = *parseUserInput(R"({"prompt": "next"})");
  std::int64_t found = 0;
};

}  // namespace

TEST_CASE("each statement carries the condition of its caller, who reaches nothing of others") {
  StatementsFixture fixture;
  const std::string before = fixture.contents();
  fixture.connection.statements.clear();

  SUBCASE("another mandate's") {
    const Scope scope(Level::group, user("eve", "the-other-mandate"));
    ScopedConnection rows(fixture.connection, scope);
    fixture.runAll(rows);
  }
  SUBCASE("another user's of the same mandate") {
    const Scope scope(Level::my, user("eve-the-other", "m1"));
    ScopedConnection rows(fixture.connection, scope);
    fixture.runAll(rows);
    for (const Statement& statement : fixture.connection.statements) {
      CAPTURE(statement.sql);
      CHECK(statement.sql.find("createdBy = ?") != std::string::npos);
      CHECK(binds(statement, "eve-the-other"));
    }
  }
  CHECK(fixture.connection.statements.size() >= 20);
  for (const Statement& statement : fixture.connection.statements) {
    CAPTURE(statement.sql);
    CHECK(statement.sql.find("mandateId = ?") != std::string::npos);
    CHECK((binds(statement, "the-other-mandate") || binds(statement, "m1")));
  }
  CHECK(fixture.found == 0);
  CHECK(fixture.contents() == before);
}

TEST_CASE("nobody's scope reaches nothing") {
  StatementsFixture fixture;
  const std::string before = fixture.contents();
  const Scope scope(Level::none, user("ann"));
  ScopedConnection rows(fixture.connection, scope);
  fixture.runAll(rows);
  CHECK(fixture.found == 0);
  CHECK(fixture.contents() == before);
}

TEST_CASE("the same statements reach what the scope allows") {
  StatementsFixture fixture;
  const auto reach = [&](const Scope& scope) {
    ScopedConnection rows(fixture.connection, scope);
    fixture.runAll(rows);
  };
  SUBCASE("the user's own") { reach(Scope(Level::my, user("ann"))); }
  SUBCASE("the mandate's") { reach(Scope::ofMandate("m1")); }
  SUBCASE("everybody's") { reach(Scope::system()); }
  CHECK(fixture.found == 25);
}

TEST_CASE("values and conditions are bound in the order of their marks") {
  StatementsFixture fixture;
  const Scope scope(Level::my, user("ann"));
  ScopedConnection rows(fixture.connection, scope);
  rows.run("SELECT ? WHERE EXISTS (SELECT 1 FROM workflow WHERE {scope}) AND {more} AND ? = 2", 1,
           SqlPart{"more", {"3 = ?", {std::int64_t{3}}}}, 2);
  const Statement& statement = fixture.connection.statements.back();
  CHECK(statement.sql ==
        "SELECT ? WHERE EXISTS (SELECT 1 FROM workflow WHERE (mandateId = ? AND createdBy = ?)) "
        "AND 3 = ? AND ? = 2");
  CHECK(statement.values == std::vector<SqlValue>{std::int64_t{1}, std::string("m1"),
                                                  std::string("ann"), std::int64_t{3},
                                                  std::int64_t{2}});
}
