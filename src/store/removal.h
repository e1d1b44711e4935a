// Removing workflows, in portions, so that nobody waits for a long one.
//
// A workflow is gone with its row: all else is found through it. A trigger notes the id, whoever
// has deleted the row, and the items and what the full-text index has of them are swept, the first
// ones with the row, the others later, some at a time.
//
// FTS5 forgets a message by writing down what it had of it, for which a full store has no space. A
// sweep there leaves the words where they are: they name nothing, so that no search finds them, and
// are gone when the store is opened the next time, which then makes the index anew.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "database/scoped.h"

namespace chatbot::store {

// What becomes of the words that the index has of a removed message.
enum class RemovedWords { forgotten, left };

// Deletes up to `limit` items that a removed workflow has left, fewer where they are long. Returns
// how many; 0: nothing of it is left. In a transaction. Throws FullError, then or at the commit,
// where the words shall be forgotten and there is no space for it.
std::size_t sweepRemoved(database::ScopedConnection& connection, std::string_view workflowId,
                         std::size_t limit, RemovedWords words = RemovedWords::forgotten);

// One that has left something.
std::optional<std::string> selectRemoved(database::ScopedConnection& connection);

}  // namespace chatbot::store
