#include "store/removal.h"

#include <array>
#include <vector>

#include "store/message_index.h"

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

std::vector<LeftItem> readLeft(database::ScopedConnection& connection, const SqlValue& workflowId,
                               std::size_t limit) {
  std::vector<LeftItem> items;
  std::size_t bytes = 0;
  const auto read = [&](const database::Row& row) {
    items.push_back({.seq = row.integer(0),
                     .indexedId = row.integer(1),
                     .json = std::string(row.text(2)),
                     .mandateId = std::string(row.text(3)),
                     .createdBy = std::string(row.text(4))});
    bytes += items.back().json.size();
    return bytes < kMaxPortionBytes;
  };
  connection.run(
      "SELECT i.seq, coalesce(m.id, 0), i.json, r.mandateId, r.createdBy FROM workflow_removed r "
      "JOIN item i ON i.workflowId = r.id "
      "LEFT JOIN message_indexed m ON m.workflowId = i.workflowId AND m.seq = i.seq "
      "WHERE r.id = ? AND {scope} ORDER BY i.seq LIMIT ?",
      std::array{workflowId, SqlValue(static_cast<std::int64_t>(limit))}, read);
  return items;
}

void deleteUpTo(database::ScopedConnection& connection, const SqlValue& workflowId,
                std::int64_t seq) {
  connection.run(
      "DELETE FROM item WHERE seq <= ? "
      "AND workflowId = (SELECT id FROM workflow_removed WHERE id = ? AND {scope})",
      std::array{SqlValue(seq), workflowId});
}

void forget(database::ScopedConnection& connection, std::string_view workflowId,
            const LeftItem& item, RemovedWords words) {
  if (words == RemovedWords::left) {
    leaveMessage(connection, workflowId, item.indexedId);
    return;
  }
  forgetMessage(connection, workflowId,
                {.id = item.indexedId,
                 .json = item.json,
                 .mandateId = item.mandateId,
                 .createdBy = item.createdBy});
}

}  // namespace

std::size_t sweepRemoved(database::ScopedConnection& connection, std::string_view workflowId,
                         std::size_t limit, RemovedWords words) {
  const SqlValue id{std::string(workflowId)};
  const std::vector<LeftItem> items = readLeft(connection, id, limit);
  if (!items.empty()) deleteUpTo(connection, id, items.back().seq);
  for (const LeftItem& item : items) {
    if (item.indexedId != 0) forget(connection, workflowId, item, words);
  }
  if (readLeft(connection, id, 1).empty()) {
    connection.run("DELETE FROM workflow_removed WHERE id = ? AND {scope}", std::array{id});
  }
  return items.size();
}

std::optional<std::string> selectRemoved(database::ScopedConnection& connection) {
  std::optional<std::string> id;
  connection.run("SELECT id FROM workflow_removed WHERE {scope} LIMIT 1", {},
                 [&](const database::Row& row) {
                   id = std::string(row.text(0));
                   return false;
                 });
  return id;
}

}  // namespace chatbot::store
