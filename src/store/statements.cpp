#include "store/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
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

SqlValue textValue(std::string_view text) { return std::string(text); }

std::string_view typeOf(const ItemContent& content) {
  constexpr std::array<std::string_view, 3> kTypes = {"message", "log", "stat"};
  return kTypes.at(content.index());
}

std::optional<Workflow> readOne(database::ScopedConnection& connection,
                                const database::ScopedSql& sql, std::span<const SqlValue> values,
                                std::initializer_list<database::SqlPart> parts = {}) {
  std::optional<Workflow> workflow;
  const auto read = [&](const database::Row& row) {
    workflow = readWorkflow(row);
    return true;
  };
  connection.run(sql, values, read, parts);
  return workflow;
}

std::vector<Item> readItems(database::ScopedConnection& connection, const database::ScopedSql& sql,
                            std::span<const SqlValue> values, std::size_t maxBytes) {
  std::vector<Item> items;
  std::size_t bytes = 0;
  connection.run(sql, values, [&](const database::Row& row) {
    items.push_back(readItem(row));
    bytes += items.back().json.size();
    return bytes < maxBytes;
  });
  return items;
}

SqlCondition filtersOf(database::ScopedConnection& connection, const PageQuery& query) {
  return query.where([&](std::string_view text) {
    return messagesMatch(connection.dialect().words(), connection.scope(), text);
  });
}

std::optional<std::int64_t> findNumber(database::ScopedConnection& connection,
                                       const database::ScopedSql& sql,
                                       std::span<const SqlValue> values,
                                       std::initializer_list<database::SqlPart> parts = {}) {
  std::optional<std::int64_t> number;
  const auto read = [&](const database::Row& row) {
    number = row.integer(0);
    return true;
  };
  connection.run(sql, values, read, parts);
  return number;
}

}  // namespace

std::optional<Workflow> selectWorkflow(database::ScopedConnection& connection,
                                       std::string_view id) {
  return readOne(connection, "SELECT {columns} FROM workflow WHERE id = ? AND {scope}",
                 std::array{textValue(id)});
}

std::optional<Workflow> lockWorkflow(database::ScopedConnection& connection, std::string_view id) {
  return readOne(connection, "SELECT {columns} FROM workflow WHERE id = ? AND {scope}{forUpdate}",
                 std::array{textValue(id)});
}

// So many at a time that a few statements serve all numbers of ids: the last id fills up the rest.
std::vector<Workflow> selectWorkflowsOf(database::ScopedConnection& connection,
                                        std::span<const std::string> ids) {
  constexpr std::size_t kPortion = 64;
  std::vector<Workflow> workflows;
  const auto read = [&](const database::Row& row) {
    workflows.push_back(readWorkflow(row));
    return true;
  };
  for (; !ids.empty(); ids = ids.subspan(std::min(kPortion, ids.size()))) {
    SqlCondition list;
    for (std::size_t i = 0; i < kPortion; ++i) {
      list.text += i == 0 ? "?" : ", ?";
      list.values.emplace_back(ids[std::min(i, ids.size() - 1)]);
    }
    connection.run("SELECT {columns} FROM workflow WHERE id IN ({ids}) AND {scope}", {}, read,
                   {{"ids", std::move(list)}});
  }
  return workflows;
}

const std::vector<SortKey>& newestFirst() {
  static const std::vector<SortKey> order = {
      {.field = *findField(workflowSchema(), "lastActivity"), .descending = true}};
  return order;
}

std::int64_t countWorkflows(database::ScopedConnection& connection, const Selection& selection) {
  return findNumber(
             connection,
             "SELECT count(*) FROM workflow WHERE workflowMode = ? AND {scope} AND {filters}",
             std::array{textValue(selection.mode)},
             {{"filters", filtersOf(connection, selection.query)}})
      .value_or(0);
}

// The number of rows is in the text, where PostgreSQL plans by it, once for all values.
std::vector<Workflow> selectWorkflows(database::ScopedConnection& connection,
                                      const Selection& selection, const WorkflowRange& range) {
  const PageQuery& query = selection.query;
  std::vector<Workflow> workflows;
  const auto read = [&](const database::Row& row) {
    workflows.push_back(readWorkflow(row));
    return true;
  };
  SqlCondition offset;
  if (range.offset > 0) offset = {" OFFSET ?", {range.offset}};
  connection.run(
      "SELECT {columns} FROM workflow WHERE workflowMode = ? AND {scope} AND {filters} AND {after} "
      "ORDER BY {order} LIMIT {limit}{offset}",
      std::array{textValue(selection.mode)}, read,
      {{"filters", filtersOf(connection, query)},
       {"after", query.after(newestFirst())},
       {"order", {query.orderBy(newestFirst(), range.direction), {}}},
       {"limit", {fmt::format("{}", range.limit), {}}},
       {"offset", std::move(offset)}});
  return workflows;
}

std::vector<Item> selectItems(database::ScopedConnection& connection, std::string_view workflowId,
                              const ItemRange& range) {
  return readItems(connection,
                   "SELECT seq, round, json FROM item "
                   "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
                   "AND seq > ? ORDER BY seq LIMIT ?",
                   std::array{textValue(workflowId), SqlValue(range.afterSeq),
                              SqlValue(static_cast<std::int64_t>(range.limit))},
                   range.maxBytes);
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
  const auto read = [&](const database::Row& row) {
    ++seen;
    const std::size_t size = row.text(2).size();
    if (items.size() == limits.items || size > left) return false;
    left -= size;
    items.push_back(readItem(row));
    beforeSeq = items.back().seq;
    return true;
  };
  while (seen == kPortion) {
    seen = 0;
    connection.run(
        "SELECT seq, round, json FROM item "
        "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
        "AND type = 'message' AND round < ? AND seq < ? ORDER BY seq DESC LIMIT ?",
        std::array{textValue(workflowId), SqlValue(round), SqlValue(beforeSeq),
                   SqlValue(static_cast<std::int64_t>(kPortion))},
        read);
  }
  std::ranges::reverse(items);
  return items;
}

std::vector<RoundKey> selectRunningRounds(database::ScopedConnection& connection) {
  std::vector<RoundKey> rounds;
  connection.run("SELECT id, currentRound FROM workflow WHERE status = 'running' AND {scope}", {},
                 [&](const database::Row& row) {
                   rounds.push_back({std::string(row.text(0)), row.integer(1)});
                   return true;
                 });
  return rounds;
}

std::vector<RoundKey> selectRoundsOf(database::ScopedConnection& connection, std::int64_t runner) {
  std::vector<RoundKey> rounds;
  connection.run(
      "SELECT id, currentRound FROM workflow WHERE status = 'running' AND runner = ? AND {scope}",
      std::array{SqlValue(runner)}, [&](const database::Row& row) {
        rounds.push_back({std::string(row.text(0)), row.integer(1)});
        return true;
      });
  return rounds;
}

std::vector<RoundKey> selectAbandonedRounds(database::ScopedConnection& connection,
                                            std::span<const std::int64_t> gone, std::size_t limit) {
  std::vector<RoundKey> rounds;
  const auto read = [&](const database::Row& row) {
    rounds.push_back({std::string(row.text(0)), row.integer(1)});
    return true;
  };
  connection.run(
      "SELECT id, currentRound FROM workflow WHERE status = 'running' AND {abandoned} AND {scope} "
      "LIMIT {limit}",
      {}, read, {{"abandoned", abandonedBy(gone)}, {"limit", {fmt::format("{}", limit), {}}}});
  return rounds;
}

bool insertWorkflow(database::ScopedConnection& connection, const Workflow& workflow,
                    std::int64_t runner) {
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
                             SqlValue(workflow.lastSeq),
                             SqlValue(runner)};
  const FoldedInsert folded = foldedInsert(connection.dialect(), workflow);
  return database::finds(
      connection,
      "WITH made ({columns}) AS "
      "(VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?, ?, ?)) "
      "INSERT INTO workflow ({columns}, runner{foldedColumns}) "
      "SELECT {columns}, ?{foldedTexts} FROM made WHERE {scope} RETURNING id",
      values, {{"foldedColumns", folded.columns}, {"foldedTexts", folded.texts}});
}

std::shared_ptr<const Item> insertItem(database::ScopedConnection& connection,
                                       const ItemContent& content, const ItemPlace& place) {
  const SqlValue round = place.round ? SqlValue(*place.round) : SqlValue(std::monostate{});
  std::array values = {SqlValue(place.seq), textValue(typeOf(content)), round,
                       SqlValue(toJson(content, place)), textValue(place.workflowId)};
  connection.run(
      "INSERT INTO item (workflowId, seq, type, round, json) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      values);
  auto& json = std::get<std::string>(values[3]);
  return std::make_shared<const Item>(
      Item{.seq = place.seq, .round = place.round, .json = std::move(json)});
}

// Moving lastActivity moves the row in six indexes, so most appends leave it alone.
std::optional<std::int64_t> extendRound(database::ScopedConnection& connection,
                                        const RoundKey& round, std::size_t count, double now) {
  constexpr double kActivitySeconds = 1;
  const SqlValue places(static_cast<std::int64_t>(count));
  const SqlValue id(round.workflowId);
  const std::optional<std::int64_t> lastSeq =
      findNumber(connection,
                 "UPDATE workflow SET lastSeq = lastSeq + ? WHERE id = ? AND currentRound = ? "
                 "AND status = 'running' AND lastActivity > ? AND {scope} RETURNING lastSeq",
                 std::array{places, id, SqlValue(round.round), SqlValue(now - kActivitySeconds)});
  if (lastSeq) return lastSeq;
  return findNumber(connection,
                    "UPDATE workflow SET lastSeq = lastSeq + ?, lastActivity = ? WHERE id = ? "
                    "AND currentRound = ? AND status = 'running' AND {scope} RETURNING lastSeq",
                    std::array{places, SqlValue(now), id, SqlValue(round.round)});
}

std::optional<Workflow> updateToNextRound(database::ScopedConnection& connection,
                                          std::string_view id, std::int64_t runner, double now) {
  return readOne(connection,
                 "UPDATE workflow SET status = 'running', currentRound = currentRound + 1, "
                 "lastSeq = lastSeq + 1, lastActivity = ?, runner = ? "
                 "WHERE id = ? AND status <> 'running' AND {scope} AND NOT EXISTS "
                 "(SELECT 1 FROM round_queue WHERE workflowId = workflow.id "
                 "AND round <= workflow.currentRound + 1) RETURNING {columns}",
                 std::array{SqlValue(now), SqlValue(runner), textValue(id)});
}

std::optional<Workflow> updateToEnded(database::ScopedConnection& connection, const RoundKey& round,
                                      WorkflowStatus status, double now) {
  return readOne(connection,
                 "UPDATE workflow SET status = ?, lastActivity = ? WHERE id = ? "
                 "AND currentRound = ? AND status = 'running' AND {scope} RETURNING {columns}",
                 std::array{textValue(toText(status)), SqlValue(now), SqlValue(round.workflowId),
                            SqlValue(round.round)});
}

std::optional<Workflow> updateName(database::ScopedConnection& connection, std::string_view id,
                                   std::string_view name) {
  return readOne(connection,
                 "UPDATE workflow SET name = ?{folded} WHERE id = ? AND {scope} "
                 "RETURNING {columns}",
                 std::array{textValue(name), textValue(id)},
                 {{"folded", foldedName(connection.dialect(), name)}});
}

std::optional<Workflow> updateNameInRound(database::ScopedConnection& connection,
                                          const RoundKey& round, std::string_view name) {
  return readOne(connection,
                 "UPDATE workflow SET name = ?{folded} WHERE id = ? AND currentRound = ? "
                 "AND status = 'running' AND {scope} RETURNING {columns}",
                 std::array{textValue(name), SqlValue(round.workflowId), SqlValue(round.round)},
                 {{"folded", foldedName(connection.dialect(), name)}});
}

std::optional<Draft> selectDraft(database::ScopedConnection& connection,
                                 std::string_view workflowId) {
  std::optional<Draft> draft;
  connection.run(
      "SELECT d.round, d.messageId, d.parentMessageId, d.afterSeq, p.text FROM draft d "
      "LEFT JOIN draft_piece p ON p.workflowId = d.workflowId "
      "WHERE d.workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) ORDER BY p.start",
      std::array{textValue(workflowId)}, [&](const database::Row& row) {
        if (!draft) {
          draft = Draft{.workflowId = std::string(workflowId),
                        .round = row.integer(0),
                        .messageId = std::string(row.text(1)),
                        .parentMessageId = std::string(row.text(2)),
                        .afterSeq = row.integer(3),
                        .text = {}};
        }
        draft->text += row.text(4);
        return true;
      });
  return draft;
}

std::size_t storedBytes(database::ScopedConnection& connection, const Draft& draft) {
  std::size_t bytes = 0;
  connection.run(
      "SELECT bytes FROM draft WHERE messageId = ? "
      "AND workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      std::array{SqlValue(draft.messageId), SqlValue(draft.workflowId)},
      [&](const database::Row& row) {
        bytes = static_cast<std::size_t>(row.integer(0));
        return true;
      });
  return bytes;
}

namespace {

// Locked, so that it does not come after the end of its round.
bool lockRound(database::ScopedConnection& connection, std::string_view workflowId,
               std::int64_t round) {
  return database::finds(
      connection,
      "SELECT 1 FROM workflow WHERE id = ? AND currentRound = ? AND status = 'running' "
      "AND {scope}{forUpdate}",
      std::array{textValue(workflowId), SqlValue(round)});
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
      std::array{SqlValue(draft.messageId), SqlValue(draft.parentMessageId),
                 SqlValue(draft.afterSeq), SqlValue(static_cast<std::int64_t>(draft.text.size())),
                 SqlValue(draft.workflowId), SqlValue(draft.round)});
  if (draft.text.size() <= stored) return;
  connection.run(
      "INSERT INTO draft_piece (workflowId, start, text) SELECT id, ?, ? FROM workflow "
      "WHERE id = ? AND currentRound = ? AND status = 'running' AND {scope}",
      std::array{SqlValue(static_cast<std::int64_t>(stored)),
                 textValue(std::string_view(draft.text).substr(stored)), SqlValue(draft.workflowId),
                 SqlValue(draft.round)});
}

bool isInLog(database::ScopedConnection& connection, const Draft& draft) {
  return database::finds(
      connection,
      "SELECT seq FROM item WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope}) "
      "AND seq > ? AND type = 'message' AND json LIKE ? LIMIT 1",
      std::array{SqlValue(draft.workflowId), SqlValue(draft.afterSeq),
                 SqlValue("%\"item\":{\"id\":\"" + draft.messageId + "\"%")});
}

void deleteDraft(database::ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM draft WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      std::array{textValue(workflowId)});
}

// The workflow's row last: the others are found through it.
bool deleteWorkflow(database::ScopedConnection& connection, std::string_view id) {
  deleteDraft(connection, id);
  deleteQueue(connection, id);
  return database::finds(connection, "DELETE FROM workflow WHERE id = ? AND {scope} RETURNING id",
                         std::array{textValue(id)});
}

}  // namespace chatbot::store
