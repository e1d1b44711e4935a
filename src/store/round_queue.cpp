#include "store/round_queue.h"

namespace chatbot::store {

std::int64_t countQueued(database::ScopedConnection& connection, std::string_view workflowId) {
  database::Rows rows = connection.query(
      "SELECT count(*) FROM round_queue "
      "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
  return rows.first(database::integerOf).value_or(0);
}

void insertQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  const QueuedRound& queued, std::int64_t runner) {
  connection.run(
      "INSERT INTO round_queue (workflowId, round, runner, userId, input) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      queued.round, runner, queued.userId, toJson(queued.input), workflowId);
}

std::optional<QueuedRound> selectNextQueued(database::ScopedConnection& connection,
                                            std::string_view workflowId, std::int64_t runner) {
  for (const database::Row& row : connection.query(
           "SELECT round, userId, input, runner FROM round_queue WHERE workflowId = "
           "(SELECT id FROM workflow WHERE id = ? AND status <> 'running' AND {scope}) "
           "ORDER BY round LIMIT 1",
           workflowId)) {
    if (row.integer(3) == runner) {
      return QueuedRound{row.integer(0), std::string(row.text(1)), parseUserInput(row.text(2))};
    }
  }
  return std::nullopt;
}

void deleteQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  std::int64_t round) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope}) AND round = ?",
      workflowId, round);
}

void deleteQueue(database::ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
}

std::vector<ReadyStart> selectReadyStarts(database::ScopedConnection& connection,
                                          std::int64_t runner) {
  const auto read = [](const database::Row& row) {
    return ReadyStart{.workflowId = std::string(row.text(0)),
                      .mandateId = std::string(row.text(1)),
                      .userId = std::string(row.text(2))};
  };
  database::Rows rows = connection.query(
      "SELECT workflow.id, workflow.mandateId, round_queue.userId "
      "FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
      "WHERE round_queue.runner = ? AND workflow.status <> 'running' AND {scope} "
      "AND round_queue.round = (SELECT MIN(round) FROM round_queue AS others "
      "WHERE others.workflowId = workflow.id)",
      runner);
  return rows.all(read);
}

bool hasQueued(database::ScopedConnection& connection, std::int64_t runner) {
  return connection
      .query(
          "SELECT 1 FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
          "WHERE round_queue.runner = ? AND {scope} LIMIT 1",
          runner)
      .any();
}

bool hasAbandonedQueue(database::ScopedConnection& connection, std::span<const std::int64_t> gone) {
  return connection
      .query(
          "SELECT 1 FROM round_queue WHERE {abandoned} AND workflowId IN "
          "(SELECT id FROM workflow WHERE {scope}) LIMIT 1",
          database::SqlPart{"abandoned", abandonedBy(gone)})
      .any();
}

void adoptQueued(database::ScopedConnection& connection, std::int64_t runner,
                 std::span<const std::int64_t> gone) {
  connection.run(
      "UPDATE round_queue SET runner = ? WHERE {abandoned} AND workflowId IN "
      "(SELECT id FROM workflow WHERE {scope})",
      runner, database::SqlPart{"abandoned", abandonedBy(gone)});
}

SqlCondition abandonedBy(std::span<const std::int64_t> gone) {
  SqlCondition condition{.text = "(runner NOT IN (SELECT id FROM runner)", .values = {}};
  for (const std::int64_t runner : gone) {
    condition.text += " OR runner = ?";
    condition.values.emplace_back(runner);
  }
  condition.text += ")";
  return condition;
}

}  // namespace chatbot::store
