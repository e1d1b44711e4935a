#include <sqlite3.h>

#include <exception>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

// Writes a phrase in FTS5's query language. Words hold no character that has a meaning there.
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

class SqliteDialect final : public Dialect {
 public:
  DatabaseKind kind() const noexcept override { return DatabaseKind::sqlite; }
  std::string_view textType() const noexcept override { return "TEXT"; }
  std::string_view findTable() const noexcept override {
    return "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
  }
  std::string_view functions() const noexcept override { return ""; }  // each connection has them
  std::string_view forUpdate() const noexcept override { return ""; }
  std::string_view skipLocked() const noexcept override { return ""; }
  bool countsChanges() const noexcept override { return true; }
  bool hasCheapSavepoints() const noexcept override { return true; }
  bool storesFolded() const noexcept override { return false; }
  const WordIndex& words() const noexcept override { return sqliteWordIndex(); }
};

using Match = bool (*)(std::string_view text, std::string_view foldedNeedle);

std::string_view textOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

template <Match match>
void call(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) {
    sqlite3_result_int(context, 0);
    return;
  }
  try {
    sqlite3_result_int(context, match(textOf(arguments[0]), textOf(arguments[1])) ? 1 : 0);
  } catch (const std::exception&) {
    sqlite3_result_error_nomem(context);
  }
}

template <Match match>
int add(sqlite3* database, const char* name) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return sqlite3_create_function_v2(database, name, 2, kFlags, nullptr, call<match>, nullptr,
                                    nullptr, nullptr);
}

}  // namespace

const Dialect& sqliteDialect() noexcept {
  static const SqliteDialect dialect;
  return dialect;
}

const WordIndex& sqliteWordIndex() noexcept {
  static const SqliteWordIndex index;
  return index;
}

int registerFunctions(sqlite3* database) {
  int result = add<base::containsFolded>(database, "chatbot_contains");
  if (result == SQLITE_OK) result = add<base::startsWithFolded>(database, "chatbot_starts_with");
  if (result == SQLITE_OK) result = add<base::endsWithFolded>(database, "chatbot_ends_with");
  return result;
}

}  // namespace chatbot::database
