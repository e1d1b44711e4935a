// The differences between the databases beside their drivers: SQL that they do not share, and their
// full-text indexes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/condition.h"
#include "database/driver.h"

namespace chatbot::database {

// A text as the index knows it. Words hold no ASCII but letters and digits.
struct IndexEntry {
  std::int64_t id = 0;  // its caller's
  std::string text;     // its words, with spaces between them
  std::string owner;    // the words that name whose it is
};

// A search may have so many words: each costs a walk through the entries that have it.
inline constexpr std::size_t kMaxSearchWords = 64;

// The words that a search looks for.
struct Phrase {
  std::vector<std::string> words;  // one after the other; at least one
  bool mayGoOn = false;            // the last one may be the beginning of a word
  std::string owner;               // a word of an entry's owner; empty: everybody's
};

// Keeps its entries in a table of its own, message_text. Any thread; within the transactions of the
// connections that it is given.
class WordIndex {
 public:
  // Makes the table.
  virtual std::string_view table() const noexcept = 0;

  virtual void add(Connection& connection, const IndexEntry& entry) const = 0;

  // `entry` is as it was added.
  virtual void forget(Connection& connection, const IndexEntry& entry) const = 0;

  virtual void clear(Connection& connection) const = 0;

  // A query for the ids of the entries that contain the phrase.
  virtual SqlCondition idsWith(const Phrase& phrase) const = 0;

 protected:
  ~WordIndex() = default;
};

enum class DatabaseKind { sqlite, postgres };

// One object for each kind of database, which lives as long as the process. Any thread.
class Dialect {
 public:
  virtual DatabaseKind kind() const noexcept = 0;

  // The type of columns that texts are bound to.
  virtual std::string_view textType() const noexcept = 0;

  // Finds a row where there is a table of the name that is bound.
  virtual std::string_view findTable() const noexcept = 0;

  // Makes chatbot_contains and its sisters (see chatbot/query.h), where the driver does not give
  // them to each connection.
  virtual std::string_view functions() const noexcept = 0;

  // Stands behind a SELECT of rows that the transaction is about to change: it locks them until the
  // transaction ends.
  virtual std::string_view forUpdate() const noexcept = 0;

  // Is written after forUpdate(): rows that another transaction has locked are left out.
  virtual std::string_view skipLocked() const noexcept = 0;

  // Whether transactions that write go one after the other, so that a trigger can count changes.
  virtual bool countsChanges() const noexcept = 0;

  // Whether a savepoint costs so little that each job of a shared transaction can have one.
  virtual bool hasCheapSavepoints() const noexcept = 0;

  // Whether texts are stored folded, too, for conditions that ignore case.
  virtual bool storesFolded() const noexcept = 0;

  virtual const WordIndex& words() const noexcept = 0;

 protected:
  ~Dialect() = default;
};

}  // namespace chatbot::database
