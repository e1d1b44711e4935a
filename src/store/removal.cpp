#include "store/removal.h"

#include <vector>

#include "store/draft_table.h"
#include "store/round_queue_table.h"
#include "store/search/message_index.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

constexpr std::size_t kMaxPortionBytes = 128 * 1024;

struct LeftItem {
  std::int64_t seq = 0;
  std::int64_t indexedId = 0;  // 0: it is not in the index
  std::string json;
  std::string mandateId;
  std::string createdBy;
};

std::vector<LeftItem> readLeft(ScopedConnection& connection, std::string_view workflowId,
                               std::size_t limit) {
  std::vector<LeftItem> items;
  std::size_t bytes = 0;
  for (const database::Row& row : connection.query(
           "SELECT i.seq, coalesce(m.id, 0), i.json, r.mandateId, r.createdBy "
           "FROM workflow_removed r JOIN item i ON i.workflowId = r.id "
           "LEFT JOIN message_indexed m ON m.workflowId = i.workflowId AND m.seq = i.seq "
           "WHERE r.id = ? AND {scope} ORDER BY i.seq LIMIT ?",
           workflowId, limit)) {
    items.push_back({.seq = row.integer(0),
                     .indexedId = row.integer(1),
                     .json = std::string(row.text(2)),
                     .mandateId = std::string(row.text(3)),
                     .createdBy = std::string(row.text(4))});
    bytes += items.back().json.size();
    if (bytes >= kMaxPortionBytes) break;
  }
  return items;
}

void deleteUpTo(ScopedConnection& connection, std::string_view workflowId, std::int64_t seq) {
  connection.run(
      "DELETE FROM item WHERE seq <= ? "
      "AND workflowId = (SELECT id FROM workflow_removed WHERE id = ? AND {scope})",
      seq, workflowId);
}

void forget(ScopedConnection& connection, std::string_view workflowId, const LeftItem& item,
            RemovedWords words) {
  if (words == RemovedWords::left) {
    abandonMessage(connection, workflowId, item.indexedId);
    return;
  }
  forgetMessage(connection, workflowId,
                {.id = item.indexedId,
                 .json = item.json,
                 .mandateId = item.mandateId,
                 .createdBy = item.createdBy});
}

}  // namespace

// The workflow's row last: the others are found through it.
bool removeWorkflow(ScopedConnection& connection, std::string_view id) {
  deleteDraft(connection, id);
  deleteQueue(connection, id);
  return deleteWorkflow(connection, id);
}

std::size_t sweepRemoved(ScopedConnection& connection, std::string_view workflowId,
                         std::size_t limit, RemovedWords words) {
  const std::vector<LeftItem> items = readLeft(connection, workflowId, limit);
  if (!items.empty()) deleteUpTo(connection, workflowId, items.back().seq);
  for (const LeftItem& item : items) {
    if (item.indexedId != 0) forget(connection, workflowId, item, words);
  }
  if (readLeft(connection, workflowId, 1).empty()) {
    connection.run("DELETE FROM workflow_removed WHERE id = ? AND {scope}", workflowId);
  }
  return items.size();
}

std::optional<std::string> selectRemoved(ScopedConnection& connection) {
  return connection.query("SELECT id FROM workflow_removed WHERE {scope} LIMIT 1")
      .first(database::textOf);
}

}  // namespace chatbot::store
