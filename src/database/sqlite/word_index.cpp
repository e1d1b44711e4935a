#include "database/sqlite/word_index.h"

#include <utility>

namespace chatbot::database {
namespace {

// A phrase of FTS5's language. Words hold neither quotation marks nor anything else that has a
// meaning there.
std::string textOf(const Phrase& phrase) {
  std::string text;
  for (const std::string& word : phrase.words) text += (text.empty() ? "\"" : " ") + word;
  return text + (phrase.mayGoOn ? "\" *" : "\"");
}

class SqliteWordIndex final : public WordIndex {
 public:
  void add(ScopedConnection& connection, const IndexEntry& entry,
           std::string_view workflowId) const override {
    connection.run(
        "INSERT INTO message_text (rowid, text, owner) "
        "SELECT ?, ?, ? FROM workflow WHERE id = ? AND {scope}",
        entry.id, entry.text, entry.owner, workflowId);
  }

  // FTS5 has to be told what it has indexed.
  void forget(ScopedConnection& connection, const IndexEntry& entry,
              std::string_view workflowId) const override {
    connection.run(
        "INSERT INTO message_text (message_text, rowid, text, owner) "
        "SELECT 'delete', ?, ?, ? FROM workflow_removed WHERE id = ? AND {scope}",
        entry.id, entry.text, entry.owner, workflowId);
  }

  void clear(Connection& connection) const override {
    connection.run("INSERT INTO message_text (message_text) VALUES ('delete-all')");
  }

  SqlCondition has(const Phrase& phrase) const override {
    std::string match = "text : " + textOf(phrase);
    if (!phrase.owner.empty()) match += " AND owner : \"" + phrase.owner + "\"";
    return {
        "id IN (SELECT m.workflowId FROM message_text CROSS JOIN message_indexed m "
        "ON m.id = message_text.rowid WHERE message_text MATCH ?)",
        {std::move(match)}};
  }
};

}  // namespace

const WordIndex& sqliteWordIndex() noexcept {
  static const SqliteWordIndex index;
  return index;
}

}  // namespace chatbot::database
