// The full-text index of messages, on that of the database (see database/dialect.h).
//
// A trigger queues a message in the transaction that appends it, one small insert, and it is
// indexed later, many at a time: a commit of an index costs more than the words of a message. Until
// then it is not found. The index keeps no texts; they are those of `item`, which never change.
// It is given words that are made here (see search/message_words.h), so that every database finds
// the same messages, and any program with FTS5 can open, copy and dump an SQLite file.
//
// A removed workflow's messages leave the index with its items, in portions (see store/removal.h);
// until then they name nothing. A tool that gives a workflow to another owner hides its messages
// from both: import it anew instead.
//
// Next to its text a message is indexed under the tenant and the user whose workflow it belongs to,
// so that a search pays for its caller's messages and not for everybody's. That is for speed: what
// a caller may see is decided by the condition of the scope, which a statement bears besides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "chatbot/access.h"
#include "chatbot/condition.h"
#include "database/dialect.h"
#include "store/scoped.h"

namespace chatbot::store {

// Empties the index and queues all messages where another build (with ICU, or without it) has split
// their words by other rules. In a transaction, when the store is opened.
void renewIndex(database::Connection& connection);

// Takes up to `limit` messages from the queue, fewer where they are long, the newest first, and
// indexes them; those of workflows that are gone are dropped. Returns how many. Zero: none is left
// in scope, among the kMaxPendingSeen newest of everybody, or another host is at it. In a
// transaction.
std::size_t indexPending(ScopedConnection& connection, std::size_t limit);

// A caller's messages may stand behind those of others, which are passed over one by one.
inline constexpr std::int64_t kMaxPendingSeen = 1024;

// Whether indexPending would find any.
bool hasPending(ScopedConnection& connection);

// A message of a removed workflow, as it was indexed.
struct IndexedMessage {
  std::int64_t id = 0;  // in message_indexed
  std::string_view json;
  std::string_view mandateId;
  std::string_view createdBy;
};

// Takes the message out of the index. `workflowId` is in workflow_removed.
void forgetMessage(ScopedConnection& connection, std::string_view workflowId,
                   const IndexedMessage& message);

// Leaves the message's words in the index, where they name no message any more, and marks the index
// to be made anew when the store is opened the next time. This needs no space.
void abandonMessage(ScopedConnection& connection, std::string_view workflowId, std::int64_t id);

// On the `id` of a workflow within `scope`: whether one of its messages has the words of `text`,
// one after the other; the last of them may go on, unless it is but one code point: too many words
// begin with a letter. Case, width and composition make no difference, nor does what stands between
// words. A text without a word is in no message. Throws Error (invalidArgument) for one of more
// than database::kMaxSearchWords.
SqlCondition messagesMatch(const database::WordIndex& words, const Scope& scope,
                           std::string_view text);

}  // namespace chatbot::store
