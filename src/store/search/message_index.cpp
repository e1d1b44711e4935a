#include "store/search/message_index.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/word_split.h"
#include "database/dialect.h"
#include "store/search/message_words.h"

namespace chatbot::store {
namespace {

// The JSON that one portion holds in memory at most, but for the last message.
constexpr std::size_t kMaxBatchBytes = 128 * 1024;

// Held by the one instance that takes messages from the queue.
constexpr std::string_view kIndexLock = "message index";

struct MessageRow {
  std::int64_t id = 0;  // in message_pending
  std::string workflowId;
  std::int64_t seq = 0;
  std::string json;
  std::string owner;
  bool isGone = false;
};

// Rows whose item or workflow is gone have no JSON; only the scope of all tenants sees them.
std::vector<MessageRow> readPending(ScopedConnection& connection, std::size_t limit) {
  std::vector<MessageRow> messages;
  std::size_t bytes = 0;
  for (const database::Row& row :
       connection.query("SELECT p.id, p.workflowId, p.seq, i.json, w.mandateId, w.createdBy "
                        "FROM message_pending p LEFT JOIN workflow w ON w.id = p.workflowId "
                        "LEFT JOIN item i ON i.workflowId = p.workflowId AND i.seq = p.seq "
                        "WHERE p.id > (SELECT max(id) FROM message_pending) - ? AND {scope} "
                        "ORDER BY p.id DESC LIMIT ?",
                        kMaxPendingSeen, limit)) {
    messages.push_back({.id = row.integer(0),
                        .workflowId = std::string(row.text(1)),
                        .seq = row.integer(2),
                        .json = std::string(row.text(3)),
                        .owner = ownerWords(row.text(4), row.text(5)),
                        .isGone = row.isNull(3) || row.isNull(4)});
    bytes += messages.back().json.size();
    if (bytes >= kMaxBatchBytes) break;
  }
  return messages;
}

void indexMessage(ScopedConnection& connection, const MessageRow& message) {
  database::Rows made = connection.query(
      "INSERT INTO message_indexed (workflowId, seq) "
      "SELECT id, ? FROM workflow WHERE id = ? AND {scope}{forUpdate} RETURNING id",
      message.seq, message.workflowId);
  const std::optional<std::int64_t> id = made.first(database::integerOf);
  if (!id) return;  // another host has removed the workflow
  connection.dialect().words().add(
      connection.connection(),
      {.id = *id, .text = wordsOfItem(message.json), .owner = message.owner});
  connection.run(
      "DELETE FROM message_pending WHERE id = ? "
      "AND workflowId = (SELECT id FROM workflow WHERE id = ? AND {scope})",
      message.id, message.workflowId);
}

// Takes a message out of the queue whose item or workflow is gone.
void dropPending(ScopedConnection& connection, std::int64_t id) {
  connection.run(
      "DELETE FROM message_pending WHERE id = (SELECT p.id FROM message_pending p "
      "LEFT JOIN workflow w ON w.id = p.workflowId "
      "LEFT JOIN item i ON i.workflowId = p.workflowId AND i.seq = p.seq "
      "WHERE p.id = ? AND (w.id IS NULL OR i.seq IS NULL) AND {scope})",
      id);
}

std::string readRules(database::Connection& connection) {
  return connection.query("SELECT name FROM message_rules").first(database::textOf).value_or("");
}

void queueAll(database::Connection& connection) {
  connection.dialect().words().clear(connection);
  connection.run("DELETE FROM message_indexed");
  connection.run("DELETE FROM message_pending");
  ScopedConnection everyTenant(connection, Scope::system());
  everyTenant.run(
      "INSERT INTO message_pending (workflowId, seq) SELECT workflowId, seq FROM item "
      "JOIN workflow ON id = workflowId WHERE type = 'message' AND {scope}");
}

}  // namespace

// A new index has no rules yet, and its messages are queued.
void renewIndex(database::Connection& connection) {
  connection.lock(kIndexLock);
  const std::string rules = readRules(connection);
  if (rules == base::wordRules()) return;
  if (!rules.empty()) queueAll(connection);
  connection.run("DELETE FROM message_rules");
  connection.run("INSERT INTO message_rules (name) VALUES (?)", base::wordRules());
}

std::size_t indexPending(ScopedConnection& connection, std::size_t limit) {
  if (!connection.tryLock(kIndexLock)) return 0;
  const std::vector<MessageRow> messages = readPending(connection, limit);
  for (const MessageRow& message : messages) {
    message.isGone ? dropPending(connection, message.id) : indexMessage(connection, message);
  }
  return messages.size();
}

bool hasPending(ScopedConnection& connection) {
  return connection
      .query(
          "SELECT 1 FROM message_pending p LEFT JOIN workflow w ON w.id = p.workflowId "
          "WHERE p.id > (SELECT max(id) FROM message_pending) - ? AND {scope} LIMIT 1",
          kMaxPendingSeen)
      .any();
}

void forgetMessage(ScopedConnection& connection, std::string_view workflowId,
                   const IndexedMessage& message) {
  const bool wasIndexed =
      connection
          .query(
              "DELETE FROM message_indexed WHERE id = ? AND workflowId = "
              "(SELECT id FROM workflow_removed WHERE id = ? AND {scope}) RETURNING id",
              message.id, workflowId)
          .any();
  if (!wasIndexed) return;
  connection.dialect().words().forget(connection.connection(),
                                      {.id = message.id,
                                       .text = wordsOfItem(message.json),
                                       .owner = ownerWords(message.mandateId, message.createdBy)});
}

void abandonMessage(ScopedConnection& connection, std::string_view workflowId, std::int64_t id) {
  connection.run(
      "DELETE FROM message_indexed WHERE id = ? "
      "AND workflowId = (SELECT id FROM workflow_removed WHERE id = ? AND {scope})",
      id, workflowId);
  connection.run(
      "UPDATE message_rules SET name = 'incomplete' "
      "WHERE EXISTS (SELECT 1 FROM workflow_removed WHERE id = ? AND {scope})",
      workflowId);
}

SqlCondition messagesMatch(const database::WordIndex& words, const Scope& scope,
                           std::string_view text) {
  database::Phrase phrase = phraseOf(text);
  if (phrase.words.empty() || scope.level() == Level::none) return {"FALSE", {}};
  phrase.owner = ownerIn(scope);
  SqlCondition found = words.idsWith(phrase);
  found.text = "id IN (SELECT workflowId FROM message_indexed WHERE id IN (" + found.text + "))";
  return found;
}

}  // namespace chatbot::store
