#include "store/round_queue.h"

#include <array>

namespace chatbot::store {

std::int64_t countQueued(database::ScopedConnection& connection, std::string_view workflowId) {
  std::int64_t count = 0;
  connection.run(
      "SELECT count(*) FROM round_queue "
      "WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      std::array{SqlValue(std::string(workflowId))}, [&](const database::Row& row) {
        count = row.integer(0);
        return true;
      });
  return count;
}

void insertQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  const QueuedRound& queued, std::int64_t runner) {
  connection.run(
      "INSERT INTO round_queue (workflowId, round, runner, userId, input) "
      "SELECT id, ?, ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
      std::array{SqlValue(queued.round), SqlValue(runner), SqlValue(queued.userId),
                 SqlValue(toJson(queued.input)), SqlValue(std::string(workflowId))});
}

std::optional<QueuedRound> selectNextQueued(database::ScopedConnection& connection,
                                            std::string_view workflowId, std::int64_t runner) {
  std::optional<QueuedRound> queued;
  connection.run(
      "SELECT round, userId, input, runner FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND status <> 'running' AND {scope}) "
      "ORDER BY round LIMIT 1",
      std::array{SqlValue(std::string(workflowId))}, [&](const database::Row& row) {
        if (row.integer(3) != runner) return false;
        queued = QueuedRound{row.integer(0), std::string(row.text(1)), parseUserInput(row.text(2))};
        return true;
      });
  return queued;
}

void deleteQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  std::int64_t round) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope}) AND round = ?",
      std::array{SqlValue(std::string(workflowId)), SqlValue(round)});
}

void deleteQueue(database::ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM round_queue WHERE workflowId = "
      "(SELECT id FROM workflow WHERE id = ? AND {scope})",
      std::array{SqlValue(std::string(workflowId))});
}

std::vector<ReadyStart> selectReadyStarts(database::ScopedConnection& connection,
                                          std::int64_t runner) {
  std::vector<ReadyStart> ready;
  connection.run(
      "SELECT workflow.id, workflow.mandateId, round_queue.userId "
      "FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
      "WHERE round_queue.runner = ? AND workflow.status <> 'running' AND {scope} "
      "AND round_queue.round = (SELECT MIN(round) FROM round_queue AS others "
      "WHERE others.workflowId = workflow.id)",
      std::array{SqlValue(runner)}, [&](const database::Row& row) {
        ready.push_back({.workflowId = std::string(row.text(0)),
                         .mandateId = std::string(row.text(1)),
                         .userId = std::string(row.text(2))});
        return true;
      });
  return ready;
}

bool hasQueued(database::ScopedConnection& connection, std::int64_t runner) {
  return database::finds(
      connection,
      "SELECT 1 FROM round_queue JOIN workflow ON workflow.id = round_queue.workflowId "
      "WHERE round_queue.runner = ? AND {scope} LIMIT 1",
      std::array{SqlValue(runner)});
}

bool hasAbandonedQueue(database::ScopedConnection& connection, std::span<const std::int64_t> gone) {
  return database::finds(connection,
                         "SELECT 1 FROM round_queue WHERE {abandoned} AND workflowId IN "
                         "(SELECT id FROM workflow WHERE {scope}) LIMIT 1",
                         {}, {{"abandoned", abandonedBy(gone)}});
}

void adoptQueued(database::ScopedConnection& connection, std::int64_t runner,
                 std::span<const std::int64_t> gone) {
  connection.run(
      "UPDATE round_queue SET runner = ? WHERE {abandoned} AND workflowId IN "
      "(SELECT id FROM workflow WHERE {scope})",
      std::array{SqlValue(runner)}, {}, {{"abandoned", abandonedBy(gone)}});
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
