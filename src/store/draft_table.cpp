#include "store/draft_table.h"

#include <string>

namespace chatbot::store {
namespace {

// Locked, so that it does not come after the end of its round.
bool lockRound(ScopedConnection& connection, std::string_view workflowId, std::int64_t round) {
  return connection
      .query(
          "SELECT 1 FROM workflow WHERE id = ? AND currentRound = ? AND status = 'running' "
          "AND {scope}{forUpdate}",
          workflowId, round)
      .any();
}

}  // namespace

std::optional<Draft> selectDraft(ScopedConnection& connection, std::string_view workflowId) {
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

std::size_t storedBytes(ScopedConnection& connection, const Draft& draft) {
  database::Rows rows = connection.query(
      "SELECT bytes FROM draft WHERE messageId = ? "
      "AND workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      draft.messageId, draft.workflowId);
  return static_cast<std::size_t>(rows.first(database::integerOf).value_or(0));
}

void upsertDraft(ScopedConnection& connection, const Draft& draft) {
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

void deleteDraft(ScopedConnection& connection, std::string_view workflowId) {
  connection.run(
      "DELETE FROM draft WHERE workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      workflowId);
}

}  // namespace chatbot::store
