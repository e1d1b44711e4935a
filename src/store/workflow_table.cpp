#include "store/workflow_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/fields.h"
#include "store/membership.h"
#include "store/workflow_columns.h"

namespace chatbot::store {
namespace {

// How far lastActivity may lie behind a running round's newest item.
constexpr double kActivitySeconds = 1;

RoundKey readRound(const database::Row& row) { return {std::string(row.text(0)), row.integer(1)}; }

// A member of Workflow as it is bound: a status by its text.
std::string_view bound(WorkflowStatus status) { return toText(status); }
template <typename T>
const T& bound(const T& value) {
  return value;
}

}  // namespace

std::optional<Workflow> selectWorkflow(ScopedConnection& connection, std::string_view id) {
  return connection.query("SELECT {columns} FROM workflow WHERE id = ? AND {scope}", id)
      .first(readWorkflow);
}

std::optional<Workflow> lockWorkflow(ScopedConnection& connection, std::string_view id) {
  return connection.query("SELECT {columns} FROM workflow WHERE id = ? AND {scope}{forUpdate}", id)
      .first(readWorkflow);
}

// The ids of one statement: the last id is repeated to fill it, so that a few texts of statements
// serve all numbers of ids.
std::vector<Workflow> selectWorkflowsOf(ScopedConnection& connection,
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
                          SqlPart{"ids", std::move(list)})) {
      workflows.push_back(readWorkflow(row));
    }
  }
  return workflows;
}

std::vector<RoundKey> selectRunningRounds(ScopedConnection& connection) {
  return connection
      .query("SELECT id, currentRound FROM workflow WHERE status = 'running' AND {scope}")
      .all(readRound);
}

std::vector<RoundKey> selectRoundsOf(ScopedConnection& connection, std::int64_t instance) {
  return connection
      .query(
          "SELECT id, currentRound FROM workflow "
          "WHERE status = 'running' AND instance = ? AND {scope}",
          instance)
      .all(readRound);
}

std::vector<RoundKey> selectAbandonedRounds(ScopedConnection& connection,
                                            std::span<const std::int64_t> dead, std::size_t limit) {
  return connection
      .query(
          "SELECT id, currentRound FROM workflow "
          "WHERE status = 'running' AND {abandoned} AND {scope} LIMIT {limit}",
          SqlPart{"abandoned", abandonedBy(dead)}, SqlPart{"limit", {fmt::format("{}", limit), {}}})
      .all(readRound);
}

// The SELECT takes the row that VALUES has made through the scope's condition.
bool insertWorkflow(ScopedConnection& connection, const Workflow& workflow, std::int64_t instance) {
  FoldedInsert folded = foldedInsert(connection.dialect(), workflow);
  const auto insert = [&](const auto&... fields) {
    return connection
        .query(
            "WITH made ({columns}) AS (VALUES ({marks})) "
            "INSERT INTO workflow ({columns}, instance{foldedColumns}) "
            "SELECT {columns}, ?{foldedTexts} FROM made WHERE {scope} RETURNING id",
            bound(workflow.*fields.member)..., instance,
            SqlPart{"foldedColumns", std::move(folded.columns)},
            SqlPart{"foldedTexts", std::move(folded.texts)})
        .any();
  };
  return std::apply(insert, model::kWorkflowFields);
}

// Moving lastActivity moves the row in six indexes, so most appends leave it alone.
std::optional<ExtendedRound> extendRound(ScopedConnection& connection, const RoundKey& round,
                                         std::size_t count, double now) {
  const auto extended = [now](const database::Row& row) {
    const double lastActivity = row.real(1);
    const bool isSetBack = lastActivity > now;
    return ExtendedRound{row.integer(0), isSetBack ? lastActivity + kActivitySeconds : now};
  };
  const std::optional<ExtendedRound> inTime =
      connection
          .query(
              "UPDATE workflow SET lastSeq = lastSeq + ? WHERE id = ? AND currentRound = ? AND "
              "status = 'running' AND lastActivity > ? AND {scope} RETURNING lastSeq, lastActivity",
              count, round.workflowId, round.round, now - kActivitySeconds)
          .first(extended);
  if (inTime) return inTime;
  return connection
      .query(
          "UPDATE workflow SET lastSeq = lastSeq + ?, lastActivity = ? WHERE id = ? AND "
          "currentRound = ? AND status = 'running' AND {scope} RETURNING lastSeq, lastActivity",
          count, now, round.workflowId, round.round)
      .first(extended);
}

std::optional<Workflow> updateToNextRound(ScopedConnection& connection, std::string_view id,
                                          std::int64_t instance, double now) {
  return connection
      .query(
          "UPDATE workflow SET status = 'running', currentRound = currentRound + 1, "
          "lastSeq = lastSeq + 1, instance = ?, "
          "lastActivity = CASE WHEN lastActivity > ? THEN lastActivity ELSE ? END "
          "WHERE id = ? AND status <> 'running' AND {scope} AND NOT EXISTS "
          "(SELECT 1 FROM round_queue WHERE workflowId = workflow.id "
          "AND round <= workflow.currentRound + 1) RETURNING {columns}",
          instance, now, now, id)
      .first(readWorkflow);
}

std::optional<Workflow> updateToEnded(ScopedConnection& connection, const RoundKey& round,
                                      WorkflowStatus status, double now) {
  return connection
      .query(
          "UPDATE workflow SET status = ?, "
          "lastActivity = CASE WHEN lastActivity > ? THEN lastActivity + ? ELSE ? END "
          "WHERE id = ? AND currentRound = ? AND status = 'running' AND {scope} "
          "RETURNING {columns}",
          toText(status), now, kActivitySeconds, now, round.workflowId, round.round)
      .first(readWorkflow);
}

std::optional<Workflow> updateName(ScopedConnection& connection, std::string_view id,
                                   std::string_view name) {
  return connection
      .query(
          "UPDATE workflow SET name = ?{folded} WHERE id = ? AND {scope} "
          "RETURNING {columns}",
          name, id, SqlPart{"folded", foldedName(connection.dialect(), name)})
      .first(readWorkflow);
}

std::optional<Workflow> updateNameInRound(ScopedConnection& connection, const RoundKey& round,
                                          std::string_view name) {
  return connection
      .query(
          "UPDATE workflow SET name = ?{folded} WHERE id = ? AND currentRound = ? "
          "AND status = 'running' AND {scope} RETURNING {columns}",
          name, round.workflowId, round.round,
          SqlPart{"folded", foldedName(connection.dialect(), name)})
      .first(readWorkflow);
}

bool deleteWorkflow(ScopedConnection& connection, std::string_view id) {
  return connection.query("DELETE FROM workflow WHERE id = ? AND {scope} RETURNING id", id).any();
}

}  // namespace chatbot::store
