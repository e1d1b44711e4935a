// Words, in the database's own full-text index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

  // A query for the ids of the entries that have the phrase.
  virtual SqlCondition idsWith(const Phrase& phrase) const = 0;

 protected:
  ~WordIndex() = default;
};

}  // namespace chatbot::database
