// The table `workflow_removed`: removed workflows whose items are still to be deleted, in portions,
// so that nobody waits for a long one.
//
// A workflow is gone with its row: everything else is found through it. A trigger notes the id,
// whatever has deleted the row, and its items and their words in the full-text index are swept: the
// first ones with the row, the others later, some at a time.
//
// FTS5 forgets a message by writing down its words, for which a full store has no space. A sweep
// there leaves the words where they are: they name nothing, so that no search finds them, and are
// gone when the store is opened the next time, which then makes the index anew.
//
// Statements run within the transaction and the scope of their connection.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/scoped.h"

namespace chatbot::store {

// Deletes a workflow with its draft and the starts that wait for it; its items are to be swept.
// False where it is absent or out of scope.
bool removeWorkflow(ScopedConnection& connection, std::string_view id);

// Whether the index forgets the words of a removed message, or they are left in it.
enum class RemovedWords { forgotten, left };

// Deletes up to `limit` items that a removed workflow has left, fewer where they are long. Returns
// how many; 0: nothing of it is left. Throws FullError, then or at the commit, where the words
// shall be forgotten and there is no space for it.
std::size_t sweepRemoved(ScopedConnection& connection, std::string_view workflowId,
                         std::size_t limit, RemovedWords words = RemovedWords::forgotten);

// Calls `sweep`, which writes one transaction, and again in a full store, where words are left.
template <typename Sweep>
void forgetOrLeave(const Sweep& sweep) {
  try {
    sweep(RemovedWords::forgotten);
  } catch (const database::FullError&) {
    sweep(RemovedWords::left);
  }
}

// The id of a removed workflow that still has items.
std::optional<std::string> selectRemoved(ScopedConnection& connection);

}  // namespace chatbot::store
