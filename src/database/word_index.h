// The words of messages, in the database's own full-text index (see store/message_index.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/condition.h"
#include "database/scoped.h"

namespace chatbot::database {

// A message as the index knows it. Words hold no ASCII but letters and digits.
struct IndexEntry {
  std::int64_t id = 0;  // in message_indexed
  std::string text;     // its words, with spaces between them
  std::string owner;    // the words that name its tenant and its user
};

// More words in a search are refused: each costs a walk through the messages that have it.
inline constexpr std::size_t kMaxSearchWords = 64;

// What a search looks for.
struct Phrase {
  std::vector<std::string> words;  // one after the other; at least one
  bool mayGoOn = false;            // the last one may be the beginning of a word
  std::string owner;               // a word that names a tenant or a user; empty: everybody's
};

// Any thread; within the transactions of the connections that it is given.
class WordIndex {
 public:
  // Of a message of the workflow.
  virtual void add(ScopedConnection& connection, const IndexEntry& entry,
                   std::string_view workflowId) const = 0;

  // Of a message of a workflow that is in workflow_removed.
  virtual void forget(ScopedConnection& connection, const IndexEntry& entry,
                      std::string_view workflowId) const = 0;

  virtual void clear(Connection& connection) const = 0;

  // On the `id` of a workflow: whether one of its messages has the phrase.
  virtual SqlCondition has(const Phrase& phrase) const = 0;

 protected:
  ~WordIndex() = default;
};

}  // namespace chatbot::database
