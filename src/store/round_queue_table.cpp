#include "store/round_queue_table.h"

#include "store/membership.h"

namespace chatbot::store {

std::int64_t countQueued(ScopedConnection& connection, std::string_view workflowId) {
  database::Rows rows = connection.query(
      "SELECT count(*) FROM round_queue "
      "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
  return rows.first(database::integerOf).value_or(0);
}

void insertQueued(ScopedConnection& connection, std::string_view workflowId,
                  const QueuedRound& queued, std::int64_t instance) {
  connection.run(
      "INSERT INTO round_queue (workflowId, round, instance, userId, input) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      queued.round, instance, queued.userId, toJson(queued.input), workflowId);
}

std::optional<QueuedRound> selectNextQueued(ScopedConnection& connection,
                                            std::string_view workflowId, std::int64_t instance) {
  for (const database::Row& row : connection.query(
           "SELECT round, userId, input, instance FROM round_queue WHERE workflowId = "
           "(SELECT id FROM workflow WHERE id = ? AND status <> 'running' AND {scope}) "
           "ORDER BY round LIMIT 1",
           workflowId)) {
    if (row.integer(3) == instance) {
      return QueuedRound{row.integer(0), std::string(row.text(1)), *parseUserInput(row.text(2))};
    }
  }
  return std::nullopt;
}

void deleteQueued(ScopedConnection& connection, std::string_view workflowId, std::int64_t round) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope}) AND round = ?",
      workflowId, round);
}

void deleteQueue(ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
}

std::vector<ReadyStart> selectReadyStarts(ScopedConnection& connection, std::int64_t instance) {
  const auto read = [](const database::Row& row) {
    return ReadyStart{.workflowId = std::string(row.text(0)),
                      .caller = {.userId = std::string(row.text(2)),
                                 .mandateId = std::string(row.text(1)),
                                 .roles = {}}};
  };
  database::Rows rows = connection.query(
      "SELECT workflow.id, workflow.mandateId, round_queue.userId "
      "FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
      "WHERE round_queue.instance = ? AND workflow.status <> 'running' AND {scope} "
      "AND round_queue.round = (SELECT MIN(round) FROM round_queue AS others "
      "WHERE others.workflowId = workflow.id)",
      instance);
  return rows.all(read);
}

bool hasQueued(ScopedConnection& connection, std::int64_t instance) {
  return connection
      .query(
          "SELECT 1 FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
          "WHERE round_queue.instance = ? AND {scope} LIMIT 1",
          instance)
      .any();
}

bool hasAbandonedQueue(ScopedConnection& connection, std::span<const std::int64_t> dead) {
  return connection
      .query(
          "SELECT 1 FROM round_queue WHERE {abandoned} AND workflowId IN "
          "(SELECT id FROM workflow WHERE {scope}) LIMIT 1",
          SqlPart{"abandoned", abandonedBy(dead)})
      .any();
}

void adoptQueued(ScopedConnection& connection, std::int64_t instance,
                 std::span<const std::int64_t> dead) {
  connection.run(
      "UPDATE round_queue SET instance = ? WHERE {abandoned} AND workflowId IN "
      "(SELECT id FROM workflow WHERE {scope})",
      instance, SqlPart{"abandoned", abandonedBy(dead)});
}

}  // namespace chatbot::store
