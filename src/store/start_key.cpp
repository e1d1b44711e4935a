#include "store/start_key.h"

#include <fmt/format.h>

#include <array>

namespace chatbot::store {

std::optional<KeptStart> selectStart(database::ScopedConnection& connection, const Identity& caller,
                                     std::string_view key, double now) {
  std::optional<KeptStart> start;
  connection.run(
      "SELECT fingerprint, workflowId, round, afterSeq, ended FROM start_key "
      "WHERE mandateId = ? AND createdBy = ? AND key = ? AND expiresAt > ? AND {scope}",
      std::array{SqlValue(caller.mandateId), SqlValue(caller.userId), SqlValue(std::string(key)),
                 SqlValue(now)},
      [&](const database::Row& row) {
        start = KeptStart{.fingerprint = std::string(row.text(0)),
                          .workflowId = std::string(row.text(1)),
                          .round = row.integer(2),
                          .afterSeq = row.integer(3)};
        if (!row.isNull(4)) start->ended = workflowStatusFromText(row.text(4));
        return true;
      });
  return start;
}

void lockStartKey(database::ScopedConnection& connection, const Identity& caller,
                  std::string_view key) {
  connection.lock(fmt::format("start key {}:{} {}:{} {}", caller.mandateId.size(), caller.mandateId,
                              caller.userId.size(), caller.userId, key));
}

void upsertStart(database::ScopedConnection& connection, const Identity& caller,
                 std::string_view key, const KeptStart& start, double expiresAt) {
  connection.run(
      "WITH made (mandateId, createdBy, key, fingerprint, workflowId, round, afterSeq, expiresAt) "
      "AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?)) "
      "INSERT INTO start_key SELECT *, NULL FROM made WHERE {scope} "
      "ON CONFLICT (mandateId, createdBy, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
      "workflowId = excluded.workflowId, round = excluded.round, afterSeq = excluded.afterSeq, "
      "expiresAt = excluded.expiresAt, ended = NULL",
      std::array{SqlValue(caller.mandateId), SqlValue(caller.userId), SqlValue(std::string(key)),
                 SqlValue(start.fingerprint), SqlValue(start.workflowId), SqlValue(start.round),
                 SqlValue(start.afterSeq), SqlValue(expiresAt)});
}

void updateEnded(database::ScopedConnection& connection, const RoundKey& round,
                 WorkflowStatus ended) {
  connection.run("UPDATE start_key SET ended = ? WHERE workflowId = ? AND round = ? AND {scope}",
                 std::array{SqlValue(std::string(toText(ended))), SqlValue(round.workflowId),
                            SqlValue(round.round)});
}

std::size_t deleteExpiredStarts(database::ScopedConnection& connection, double now,
                                std::size_t limit) {
  std::size_t deleted = 0;
  connection.run(
      "DELETE FROM start_key WHERE (mandateId, createdBy, key) IN "
      "(SELECT mandateId, createdBy, key FROM start_key WHERE expiresAt <= ? AND {scope} LIMIT ?) "
      "RETURNING key",
      std::array{SqlValue(now), SqlValue(static_cast<std::int64_t>(limit))},
      [&](const database::Row&) {
        ++deleted;
        return true;
      });
  return deleted;
}

bool hasExpiredStarts(database::ScopedConnection& connection, double now) {
  return database::finds(connection,
                         "SELECT 1 FROM start_key WHERE expiresAt <= ? AND {scope} LIMIT 1",
                         std::array{SqlValue(now)});
}

}  // namespace chatbot::store
