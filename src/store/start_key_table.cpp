#include "store/start_key_table.h"

#include <fmt/format.h>

#include "base/text_key.h"

namespace chatbot::store {

std::optional<KeptStart> selectStart(ScopedConnection& connection, const Identity& caller,
                                     std::string_view key, double now) {
  const auto read = [](const database::Row& row) {
    KeptStart start{.fingerprint = std::string(row.text(0)),
                    .workflowId = std::string(row.text(1)),
                    .round = row.integer(2),
                    .afterSeq = row.integer(3)};
    if (!row.isNull(4)) start.ended = workflowStatusFromText(row.text(4));
    return start;
  };
  database::Rows rows = connection.query(
      "SELECT fingerprint, workflowId, round, afterSeq, ended FROM start_key "
      "WHERE mandateId = ? AND createdBy = ? AND key = ? AND expiresAt > ? AND {scope}",
      caller.mandateId, caller.userId, key, now);
  return rows.first(read);
}

void lockStartKey(ScopedConnection& connection, const Identity& caller, std::string_view key) {
  const std::string owner = base::ownerKey(caller.mandateId, caller.userId);
  connection.lock(fmt::format("start key {}:{} {}", owner.size(), owner, key));
}

void upsertStart(ScopedConnection& connection, const Identity& caller, std::string_view key,
                 const KeptStart& start, double expiresAt) {
  connection.run(
      "WITH made (mandateId, createdBy, key, fingerprint, workflowId, round, afterSeq, expiresAt) "
      "AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?)) "
      "INSERT INTO start_key SELECT *, NULL FROM made WHERE {scope} "
      "ON CONFLICT (mandateId, createdBy, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
      "workflowId = excluded.workflowId, round = excluded.round, afterSeq = excluded.afterSeq, "
      "expiresAt = excluded.expiresAt, ended = NULL",
      caller.mandateId, caller.userId, key, start.fingerprint, start.workflowId, start.round,
      start.afterSeq, expiresAt);
}

void updateEnded(ScopedConnection& connection, const RoundKey& round, WorkflowStatus ended) {
  connection.run("UPDATE start_key SET ended = ? WHERE workflowId = ? AND round = ? AND {scope}",
                 toText(ended), round.workflowId, round.round);
}

std::size_t deleteExpiredStarts(ScopedConnection& connection, double now, std::size_t limit) {
  database::Rows rows = connection.query(
      "DELETE FROM start_key WHERE (mandateId, createdBy, key) IN "
      "(SELECT mandateId, createdBy, key FROM start_key WHERE expiresAt <= ? AND {scope} LIMIT ?) "
      "RETURNING key",
      now, limit);
  return rows.all(database::textOf).size();
}

bool hasExpiredStarts(ScopedConnection& connection, double now) {
  return connection.query("SELECT 1 FROM start_key WHERE expiresAt <= ? AND {scope} LIMIT 1", now)
      .any();
}

}  // namespace chatbot::store
