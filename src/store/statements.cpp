#include "store/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "database/dialect.h"
#include "store/folded.h"
#include "store/message_index.h"
#include "store/round_queue.h"

namespace chatbot::store {
namespace {

Workflow readWorkflow(const database::Row& row) {
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

Item readItem(const database::Row& row) {
  Item item;
  item.seq = row.integer(0);
  if (!row.isNull(1)) item.round = row.integer(1);
  item.json = row.text(2);
  return item;
}

RoundKey readRound(const database::Row& row) { return {std::string(row.text(0)), row.integer(1)}; }

std::string_view typeOf(const ItemContent& content) {
  constexpr std::array<std::string_view, 3> kTypes = {"message", "log", "stat"};
  return kTypes.at(content.index());
}

database::SqlPart filtersOf(database::ScopedConnection& connection, const PageQuery& query) {
  return {"filters", query.where([&](std::string_view text) {
            return messagesMatch(connection.dialect().words(), connection.scope(), text);
          })};
}

}  // namespace

std::optional<Workflow> selectWorkflow(database::ScopedConnection& connection,
                                       std::string_view id) {
  return connection.query("SELECT {columns} FROM workflow WHERE id = ? AND {scope}", id)
      .first(readWorkflow);
}

std::optional<Workflow> lockWorkflow(database::ScopedConnection& connection, std::string_view id) {
  return connection.query("SELECT {columns} FROM workflow WHERE id = ? AND {scope}{forUpdate}", id)
      .first(readWorkflow);
}

// So many at a time that a few statements serve all numbers of ids: the last id fills up the rest.
std::vector<Workflow> selectWorkflowsOf(database::ScopedConnection& connection,
                                        std::span<const std::string> ids) {
  constexpr std::size_t kPortion = 64;
  std::vector<Workflow> workflows;
  for (; !ids.empty(); ids = ids.subspan(std::min(kPortion, ids.size()))) {
    SqlCondition list;
    for (std::size_t i = 0; i < kPortion; ++i) {
      list.text += i == 0 ? "?" : ", ?";
      list.values.emplace_back(ids[std::min(i, ids.size() - 1)]);
    }
    for (const database::Row& row :
         connection.query("SELECT {columns} FROM workflow WHERE id IN ({ids}) AND {scope}",
                          database::SqlPart{"ids", std::move(list)})) {
      workflows.push_back(readWorkflow(row));
    }
  }
  return workflows;
}

const std::vector<SortKey>& newestFirst() {
  static const std::vector<SortKey> order = {
      {.field = *findField(workflowSchema(), "lastActivity"), .descending = true}};
  return order;
}

std::int64_t countWorkflows(database::ScopedConnection& connection, const Selection& selection) {
  return connection
      .query("SELECT count(*) FROM workflow WHERE workflowMode = ? AND {scope} AND {filters}",
             selection.mode, filtersOf(connection, selection.query))
      .first(database::integerOf)
      .value_or(0);
}

// The number of rows is in the text, where PostgreSQL plans by it, once for all values.
std::vector<Workflow> selectWorkflows(database::ScopedConnection& connection,
                                      const Selection& selection, const WorkflowRange& range) {
  const PageQuery& query = selection.query;
  SqlCondition offset;
  if (range.offset > 0) offset = {" OFFSET ?", {range.offset}};
  return connection
      .query(
          "SELECT {columns} FROM workflow WHERE workflowMode = ? AND {scope} AND {filters} "
          "AND {after} ORDER BY {order} LIMIT {limit}{offset}",
          selection.mode, filtersOf(connection, query),
          database::SqlPart{"after", query.after(newestFirst())},
          database::SqlPart{"order", {query.orderBy(newestFirst(), range.direction), {}}},
          database::SqlPart{"limit", {fmt::format("{}", range.limit), {}}},
          database::SqlPart{"offset", std::move(offset)})
      .all(readWorkflow);
}

std::vector<Item> selectItems(database::ScopedConnection& connection, std::string_view workflowId,
                              const ItemRange& range) {
  std::vector<Item> items;
  std::size_t bytes = 0;
  for (const database::Row& row :
       connection.query("SELECT seq, round, json FROM item "
                        "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
                        "AND seq > ? ORDER BY seq LIMIT ?",
                        workflowId, range.afterSeq, range.limit)) {
    items.push_back(readItem(row));
    bytes += items.back().json.size();
    if (bytes >= range.maxBytes) break;
  }
  return items;
}

// In portions: how many fit is known only from their sizes.
std::vector<Item> selectMessagesBefore(database::ScopedConnection& connection,
                                       std::string_view workflowId, std::int64_t round,
                                       const MessageLimits& limits) {
  constexpr std::size_t kPortion = 64;
  std::vector<Item> items;
  std::size_t left = limits.bytes;
  std::size_t seen = kPortion;
  std::int64_t beforeSeq = std::numeric_limits<std::int64_t>::max();
  while (seen == kPortion) {
    seen = 0;
    for (const database::Row& row : connection.query(
             "SELECT seq, round, json FROM item "
             "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
             "AND type = 'message' AND round < ? AND seq < ? ORDER BY seq DESC LIMIT ?",
             workflowId, round, beforeSeq, kPortion)) {
      ++seen;
      const std::size_t size = row.text(2).size();
      if (items.size() == limits.items || size > left) break;
      left -= size;
      items.push_back(readItem(row));
      beforeSeq = items.back().seq;
    }
  }
  std::ranges::reverse(items);
  return items;
}

std::vector<RoundKey> selectRunningRounds(database::ScopedConnection& connection) {
  return connection
      .query("SELECT id, currentRound FROM workflow WHERE status = 'running' AND {scope}")
      .all(readRound);
}

std::vector<RoundKey> selectRoundsOf(database::ScopedConnection& connection, std::int64_t runner) {
  return connection
      .query(
          "SELECT id, currentRound FROM workflow "
          "WHERE status = 'running' AND runner = ? AND {scope}",
          runner)
      .all(readRound);
}

std::vector<RoundKey> selectAbandonedRounds(database::ScopedConnection& connection,
                                            std::span<const std::int64_t> gone, std::size_t limit) {
  return connection
      .query(
          "SELECT id, currentRound FROM workflow "
          "WHERE status = 'running' AND {abandoned} AND {scope} LIMIT {limit}",
          database::SqlPart{"abandoned", abandonedBy(gone)},
          database::SqlPart{"limit", {fmt::format("{}", limit), {}}})
      .all(readRound);
}

bool insertWorkflow(database::ScopedConnection& connection, const Workflow& workflow,
                    std::int64_t runner) {
  FoldedInsert folded = foldedInsert(connection.dialect(), workflow);
  database::Rows rows = connection.query(
      "WITH made ({columns}) AS "
      "(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?, ?, ?)) "
      "INSERT INTO workflow ({columns}, runner{foldedColumns}) "
      "SELECT {columns}, ?{foldedTexts} FROM made WHERE {scope} RETURNING id",
      workflow.id, workflow.mandateId, workflow.name, toText(workflow.status),
      workflow.workflowMode, workflow.currentRound, workflow.currentTask, workflow.currentAction,
      workflow.totalTasks, workflow.totalActions, workflow.maxSteps, workflow.startedAt,
      workflow.lastActivity, workflow.createdBy, workflow.createdAt, workflow.lastSeq, runner,
      database::SqlPart{"foldedColumns", std::move(folded.columns)},
      database::SqlPart{"foldedTexts", std::move(folded.texts)});
  return rows.any();
}

std::shared_ptr<const Item> insertItem(database::ScopedConnection& connection,
                                       const ItemContent& content, const ItemPlace& place) {
  Item item{.seq = place.seq, .round = place.round, .json = toJson(content, place)};
  connection.run(
      "INSERT INTO item (workflowId, seq, type, round, json) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      item.seq, typeOf(content), item.round, item.json, place.workflowId);
  return std::make_shared<const Item>(std::move(item));
}

// Moving lastActivity moves the row in six indexes, so most appends leave it alone.
std::optional<std::int64_t> extendRound(database::ScopedConnection& connection,
                                        const RoundKey& round, std::size_t count, double now) {
  constexpr double kActivitySeconds = 1;
  const std::optional<std::int64_t> lastSeq =
      connection
          .query(
              "UPDATE workflow SET lastSeq = lastSeq + ? WHERE id = ? AND currentRound = ? "
              "AND status = 'running' AND lastActivity > ? AND {scope} RETURNING lastSeq",
              count, round.workflowId, round.round, now - kActivitySeconds)
          .first(database::integerOf);
  if (lastSeq) return lastSeq;
  return connection
      .query(
          "UPDATE workflow SET lastSeq = lastSeq + ?, lastActivity = ? WHERE id = ? "
          "AND currentRound = ? AND status = 'running' AND {scope} RETURNING lastSeq",
          count, now, round.workflowId, round.round)
      .first(database::integerOf);
}

std::optional<Workflow> updateToNextRound(database::ScopedConnection& connection,
                                          std::string_view id, std::int64_t runner, double now) {
  return connection
      .query(
          "UPDATE workflow SET status = 'running', currentRound = currentRound + 1, "
          "lastSeq = lastSeq + 1, lastActivity = ?, runner = ? "
          "WHERE id = ? AND status <> 'running' AND {scope} AND NOT EXISTS "
          "(SELECT 1 FROM round_queue WHERE workflowId = workflow.id "
          "AND round <= workflow.currentRound + 1) RETURNING {columns}",
          now, runner, id)
      .first(readWorkflow);
}

std::optional<Workflow> updateToEnded(database::ScopedConnection& connection, const RoundKey& round,
                                      WorkflowStatus status, double now) {
  return connection
      .query(
          "UPDATE workflow SET status = ?, lastActivity = ? WHERE id = ? "
          "AND currentRound = ? AND status = 'running' AND {scope} RETURNING {columns}",
          toText(status), now, round.workflowId, round.round)
      .first(readWorkflow);
}

std::optional<Workflow> updateName(database::ScopedConnection& connection, std::string_view id,
                                   std::string_view name) {
  return connection
      .query(
          "UPDATE workflow SET name = ?{folded} WHERE id = ? AND {scope} "
          "RETURNING {columns}",
          name, id, database::SqlPart{"folded", foldedName(connection.dialect(), name)})
      .first(readWorkflow);
}

std::optional<Workflow> updateNameInRound(database::ScopedConnection& connection,
                                          const RoundKey& round, std::string_view name) {
  return connection
      .query(
          "UPDATE workflow SET name = ?{folded} WHERE id = ? AND currentRound = ? "
          "AND status = 'running' AND {scope} RETURNING {columns}",
          name, round.workflowId, round.round,
          database::SqlPart{"folded", foldedName(connection.dialect(), name)})
      .first(readWorkflow);
}

std::optional<Draft> selectDraft(database::ScopedConnection& connection,
                                 std::string_view workflowId) {
  std::optional<Draft> draft;
  for (const database::Row& row : connection.query(
           "SELECT d.round, d.messageId, d.parentMessageId, d.afterSeq, p.text FROM draft d "
           "LEFT JOIN draft_piece p ON p.workflowId = d.workflowId WHERE d.workflowId = "
           "(SELECT id FROM workflow WHERE id = ? AND {scope}) ORDER BY p.start",
           workflowId)) {
    if (!draft) {
      draft = Draft{.workflowId = std::string(workflowId),
                    .round = row.integer(0),
                    .messageId = std::string(row.text(1)),
                    .parentMessageId = std::string(row.text(2)),
                    .afterSeq = row.integer(3),
                    .text = {}};
    }
    draft->text += row.text(4);
  }
  return draft;
}

std::size_t storedBytes(database::ScopedConnection& connection, const Draft& draft) {
  database::Rows rows = connection.query(
      "SELECT bytes FROM draft WHERE messageId = ? "
      "AND workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      draft.messageId, draft.workflowId);
  return static_cast<std::size_t>(rows.first(database::integerOf).value_or(0));
}

namespace {

// Locked, so that it does not come after the end of its round.
bool lockRound(database::ScopedConnection& connection, std::string_view workflowId,
               std::int64_t round) {
  return connection
      .query(
          "SELECT 1 FROM workflow WHERE id = ? AND currentRound = ? AND status = 'running' "
          "AND {scope}{forUpdate}",
          workflowId, round)
      .any();
}

}  // namespace

void upsertDraft(database::ScopedConnection& connection, const Draft& draft) {
  if (!lockRound(connection, draft.workflowId, draft.round)) return;
  const std::size_t stored = storedBytes(connection, draft);
  connection.run(
      "INSERT INTO draft (workflowId, round, messageId, parentMessageId, afterSeq, bytes) "
      "SELECT id, currentRound, ?, ?, ?, ? FROM workflow "
      "WHERE id = ? AND currentRound = ? AND status = 'running' AND {scope} "
      "ON CONFLICT (workflowId) DO UPDATE SET round = excluded.round, "
      "messageId = excluded.messageId, parentMessageId = excluded.parentMessageId, "
      "afterSeq = excluded.afterSeq, bytes = excluded.bytes",
      draft.messageId, draft.parentMessageId, draft.afterSeq, draft.text.size(), draft.workflowId,
      draft.round);
  if (draft.text.size() <= stored) return;
  connection.run(
      "INSERT INTO draft_piece (workflowId, start, text) SELECT id, ?, ? FROM workflow "
      "WHERE id = ? AND currentRound = ? AND status = 'running' AND {scope}",
      stored, std::string_view(draft.text).substr(stored), draft.workflowId, draft.round);
}

bool isInLog(database::ScopedConnection& connection, const Draft& draft) {
  const std::string withId = "%\"item\":{\"id\":\"" + draft.messageId + "\"%";
  return connection
      .query(
          "SELECT seq FROM item "
          "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
          "AND seq > ? AND type = 'message' AND json LIKE ? LIMIT 1",
          draft.workflowId, draft.afterSeq, withId)
      .any();
}

void deleteDraft(database::ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM draft WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
}

// The workflow's row last: the others are found through it.
bool deleteWorkflow(database::ScopedConnection& connection, std::string_view id) {
  deleteDraft(connection, id);
  deleteQueue(connection, id);
  return connection.query("DELETE FROM workflow WHERE id = ? AND {scope} RETURNING id", id).any();
}

}  // namespace chatbot::store
