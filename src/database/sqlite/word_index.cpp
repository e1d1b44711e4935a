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
  std::string_view table() const noexcept override {
    return "CREATE VIRTUAL TABLE message_text "
           "USING fts5(text, owner, content = '', tokenize = 'ascii');";
  }

  void add(Connection& connection, const IndexEntry& entry) const override {
    connection.run("INSERT INTO message_text (rowid, text, owner) VALUES (?, ?, ?)", entry.id,
                   entry.text, entry.owner);
  }

  // FTS5 has to be told what it has indexed.
  void forget(Connection& connection, const IndexEntry& entry) const override {
    connection.run(
        "INSERT INTO message_text (message_text, rowid, text, owner) VALUES ('delete', ?, ?, ?)",
        entry.id, entry.text, entry.owner);
  }

  void clear(Connection& connection) const override {
    connection.run("INSERT INTO message_text (message_text) VALUES ('delete-all')");
  }

  SqlCondition idsWith(const Phrase& phrase) const override {
    std::string match = "text : " + textOf(phrase);
    if (!phrase.owner.empty()) match += " AND owner : \"" + phrase.owner + "\"";
    return {"SELECT rowid FROM message_text WHERE message_text MATCH ?", {std::move(match)}};
  }
};

}  // namespace

const WordIndex& sqliteWordIndex() noexcept {
  static const SqliteWordIndex index;
  return index;
}

}  // namespace chatbot::database
