#include "store/statements.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace chatbot::store {
namespace {

using Values = std::vector<SqlValue>;

constexpr std::string_view kColumns =
    "id, mandateId, name, status, workflowMode, currentRound, currentTask, currentAction, "
    "totalTasks, totalActions, maxSteps, startedAt, lastActivity, createdBy, createdAt, lastSeq";

Workflow readWorkflow(const Row& row) {
  Workflow workflow;
  workflow.id = row.text(0);
  workflow.mandateId = row.text(1);
  workflow.name = row.text(2);
  workflow.status = workflowStatusFromText(row.text(3));
  workflow.workflowMode = row.text(4);
  workflow.currentRound = row.integer(5);
  workflow.currentTask = row.integer(6);
  workflow.currentAction = row.integer(7);
  workflow.totalTasks = row.integer(8);
  workflow.totalActions = row.integer(9);
  if (!row.isNull(10)) workflow.maxSteps = row.integer(10);
  workflow.startedAt = row.real(11);
  workflow.lastActivity = row.real(12);
  workflow.createdBy = row.text(13);
  workflow.createdAt = row.real(14);
  workflow.lastSeq = row.integer(15);
  return workflow;
}

Item readItem(const Row& row) {
  Item item;
  item.seq = row.integer(0);
  if (!row.isNull(1)) item.round = row.integer(1);
  item.json = row.text(2);
  return item;
}

SqlValue textValue(std::string_view text) { return std::string(text); }

std::string_view typeOf(const ItemContent& content) {
  constexpr std::array<std::string_view, 3> kTypes = {"message", "log", "stat"};
  return kTypes.at(content.index());
}

// The values of a statement, the condition's last.
Values join(Values values, SqlCondition& condition) {
  std::move(condition.values.begin(), condition.values.end(), std::back_inserter(values));
  return values;
}

std::optional<Workflow> readOne(Connection& connection, std::string_view sql,
                                const Values& values) {
  std::optional<Workflow> workflow;
  connection.run(sql, values, [&](const Row& row) {
    workflow = readWorkflow(row);
    return true;
  });
  return workflow;
}

// UPDATE workflow SET … WHERE id = ? AND … within the scope, and the row that it leaves.
std::optional<Workflow> update(Connection& connection, const Scope& scope, std::string_view change,
                               std::string_view state, Values values) {
  SqlCondition allowed = scope.condition();
  const std::string sql =
      fmt::format("UPDATE workflow SET {} WHERE id = ? AND {} AND {} RETURNING {}", change, state,
                  allowed.text, kColumns);
  return readOne(connection, sql, join(std::move(values), allowed));
}

struct Where {
  std::string text;
  Values values;
};

Where whereOf(const Selection& selection) {
  SqlCondition allowed = selection.scope.condition();
  SqlCondition filters = selection.query.where();
  Values values = join({textValue(selection.mode)}, allowed);
  return {fmt::format("workflowMode = ? AND {} AND {}", allowed.text, filters.text),
          join(std::move(values), filters)};
}

const std::vector<SortKey>& newestFirst() {
  static const std::vector<SortKey> order = {{.field = {.name = "lastActivity",
                                                        .column = "lastActivity",
                                                        .type = FieldType::real,
                                                        .nullable = false,
                                                        .ifNull = {}},
                                              .descending = true}};
  return order;
}

}  // namespace

std::optional<Workflow> selectWorkflow(Connection& connection, const Scope& scope,
                                       std::string_view id) {
  SqlCondition allowed = scope.condition();
  const std::string sql =
      fmt::format("SELECT {} FROM workflow WHERE id = ? AND {}", kColumns, allowed.text);
  return readOne(connection, sql, join({textValue(id)}, allowed));
}

std::int64_t countWorkflows(Connection& connection, const Selection& selection) {
  const Where where = whereOf(selection);
  std::int64_t count = 0;
  connection.run(fmt::format("SELECT count(*) FROM workflow WHERE {}", where.text), where.values,
                 [&](const Row& row) {
                   count = row.integer(0);
                   return true;
                 });
  return count;
}

std::vector<Workflow> selectWorkflows(Connection& connection, const Selection& selection,
                                      std::int64_t limit, std::int64_t offset) {
  Where where = whereOf(selection);
  where.values.emplace_back(limit);
  where.values.emplace_back(offset);
  const std::string sql =
      fmt::format("SELECT {} FROM workflow WHERE {} ORDER BY {} LIMIT ? OFFSET ?", kColumns,
                  where.text, selection.query.orderBy(newestFirst()));
  std::vector<Workflow> workflows;
  connection.run(sql, where.values, [&](const Row& row) {
    workflows.push_back(readWorkflow(row));
    return true;
  });
  return workflows;
}

std::vector<Item> selectItems(Connection& connection, std::string_view workflowId,
                              const ItemRange& range) {
  std::vector<Item> items;
  std::size_t bytes = 0;
  connection.run(
      "SELECT seq, round, json FROM item WHERE workflowId = ? AND seq > ? ORDER BY seq LIMIT ?",
      std::array{textValue(workflowId), SqlValue(range.afterSeq),
                 SqlValue(static_cast<std::int64_t>(range.limit))},
      [&](const Row& row) {
        items.push_back(readItem(row));
        bytes += items.back().json.size();
        return bytes < range.maxBytes;
      });
  return items;
}

std::vector<Item> selectMessagesBefore(Connection& connection, std::string_view workflowId,
                                       std::int64_t round) {
  std::vector<Item> items;
  connection.run(
      "SELECT seq, round, json FROM item "
      "WHERE workflowId = ? AND type = 'message' AND round < ? ORDER BY seq",
      std::array{textValue(workflowId), SqlValue(round)}, [&](const Row& row) {
        items.push_back(readItem(row));
        return true;
      });
  return items;
}

std::vector<RoundKey> selectRunningRounds(Connection& connection) {
  std::vector<RoundKey> rounds;
  connection.run("SELECT id, currentRound FROM workflow WHERE status = 'running'", {},
                 [&](const Row& row) {
                   rounds.push_back({std::string(row.text(0)), row.integer(1)});
                   return true;
                 });
  return rounds;
}

void insertWorkflow(Connection& connection, const Workflow& workflow) {
  const SqlValue maxSteps =
      workflow.maxSteps ? SqlValue(*workflow.maxSteps) : SqlValue(std::monostate{});
  const std::array values = {SqlValue(workflow.id),
                             SqlValue(workflow.mandateId),
                             SqlValue(workflow.name),
                             textValue(toText(workflow.status)),
                             SqlValue(workflow.workflowMode),
                             SqlValue(workflow.currentRound),
                             SqlValue(workflow.currentTask),
                             SqlValue(workflow.currentAction),
                             SqlValue(workflow.totalTasks),
                             SqlValue(workflow.totalActions),
                             maxSteps,
                             SqlValue(workflow.startedAt),
                             SqlValue(workflow.lastActivity),
                             SqlValue(workflow.createdBy),
                             SqlValue(workflow.createdAt),
                             SqlValue(workflow.lastSeq)};
  const std::string sql = fmt::format(
      "INSERT INTO workflow ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      kColumns);
  connection.run(sql, values);
}

std::shared_ptr<const Item> insertItem(Connection& connection, const ItemContent& content,
                                       const ItemPlace& place) {
  const SqlValue round = place.round ? SqlValue(*place.round) : SqlValue(std::monostate{});
  std::array values = {textValue(place.workflowId), SqlValue(place.seq), textValue(typeOf(content)),
                       round, SqlValue(toJson(content, place))};
  connection.run("INSERT INTO item (workflowId, seq, type, round, json) VALUES (?, ?, ?, ?, ?)",
                 values);
  auto& json = std::get<std::string>(values.back());
  return std::make_shared<const Item>(
      Item{.seq = place.seq, .round = place.round, .json = std::move(json)});
}

std::optional<std::int64_t> extendRound(Connection& connection, const RoundKey& round,
                                        std::size_t count, double now) {
  std::optional<std::int64_t> lastSeq;
  connection.run(
      "UPDATE workflow SET lastSeq = lastSeq + ?, lastActivity = ? "
      "WHERE id = ? AND currentRound = ? AND status = 'running' RETURNING lastSeq",
      std::array{SqlValue(static_cast<std::int64_t>(count)), SqlValue(now),
                 SqlValue(round.workflowId), SqlValue(round.round)},
      [&](const Row& row) {
        lastSeq = row.integer(0);
        return true;
      });
  return lastSeq;
}

std::int64_t extendLog(Connection& connection, std::string_view id) {
  std::int64_t lastSeq = 0;
  connection.run("UPDATE workflow SET lastSeq = lastSeq + 1 WHERE id = ? RETURNING lastSeq",
                 std::array{textValue(id)}, [&](const Row& row) {
                   lastSeq = row.integer(0);
                   return true;
                 });
  return lastSeq;
}

std::optional<Workflow> updateToNextRound(Connection& connection, const Scope& scope,
                                          std::string_view id, double now) {
  return update(connection, scope,
                "status = 'running', currentRound = currentRound + 1, lastSeq = lastSeq + 1, "
                "lastActivity = ?",
                "status <> 'running'", {now, textValue(id)});
}

std::optional<Workflow> updateToStopped(Connection& connection, const Scope& scope,
                                        std::string_view id, double now) {
  return update(connection, scope, "status = 'stopped', lastActivity = ?", "status = 'running'",
                {now, textValue(id)});
}

std::optional<Workflow> updateName(Connection& connection, const Scope& scope, std::string_view id,
                                   std::string_view name) {
  return update(connection, scope, "name = ?", "1 = 1", {textValue(name), textValue(id)});
}

void updateToEnded(Connection& connection, const RoundKey& round, WorkflowStatus status,
                   double now) {
  connection.run(
      "UPDATE workflow SET status = ?, lastActivity = ? "
      "WHERE id = ? AND currentRound = ? AND status = 'running'",
      std::array{textValue(toText(status)), SqlValue(now), SqlValue(round.workflowId),
                 SqlValue(round.round)});
}

std::optional<Draft> selectDraft(Connection& connection, std::string_view workflowId) {
  std::optional<Draft> draft;
  connection.run("SELECT round, messageId, afterSeq, text FROM draft WHERE workflowId = ?",
                 std::array{textValue(workflowId)}, [&](const Row& row) {
                   draft = Draft{.workflowId = std::string(workflowId),
                                 .round = row.integer(0),
                                 .messageId = std::string(row.text(1)),
                                 .afterSeq = row.integer(2),
                                 .text = std::string(row.text(3))};
                   return true;
                 });
  return draft;
}

void upsertDraft(Connection& connection, const Draft& draft) {
  connection.run(
      "INSERT INTO draft (workflowId, round, messageId, afterSeq, text) "
      "SELECT id, currentRound, ?, ?, ? FROM workflow "
      "WHERE id = ? AND currentRound = ? AND status = 'running' "
      "ON CONFLICT (workflowId) DO UPDATE SET round = excluded.round, "
      "messageId = excluded.messageId, afterSeq = excluded.afterSeq, text = excluded.text",
      std::array{SqlValue(draft.messageId), SqlValue(draft.afterSeq), SqlValue(draft.text),
                 SqlValue(draft.workflowId), SqlValue(draft.round)});
}

bool isInLog(Connection& connection, const Draft& draft) {
  bool found = false;
  const std::string mark = fmt::format("%\"item\":{{\"id\":\"{}\"%", draft.messageId);
  connection.run(
      "SELECT seq FROM item WHERE workflowId = ? AND seq > ? AND type = 'message' AND json LIKE ?",
      std::array{SqlValue(draft.workflowId), SqlValue(draft.afterSeq), SqlValue(mark)},
      [&](const Row&) {
        found = true;
        return false;
      });
  return found;
}

void deleteDraft(Connection& connection, std::string_view workflowId) {
  connection.run("DELETE FROM draft WHERE workflowId = ?", std::array{textValue(workflowId)});
}

bool deleteWorkflow(Connection& connection, const Scope& scope, std::string_view id) {
  SqlCondition allowed = scope.condition();
  bool found = false;
  connection.run(fmt::format("DELETE FROM workflow WHERE id = ? AND {} RETURNING id", allowed.text),
                 join({textValue(id)}, allowed), [&](const Row&) { return found = true; });
  if (!found) return false;
  connection.run("DELETE FROM item WHERE workflowId = ?", std::array{textValue(id)});
  deleteDraft(connection, id);
  return true;
}

}  // namespace chatbot::store
