// Removing workflows, in portions, so that nobody waits for a long one.
//
// A workflow is gone with its row: all else is found through it. A trigger notes the id, whoever
// has deleted the row, and the items and what the full-text index has of them go later, some at a
// time. What goes first gives the space that the index needs to forget: a full store can be
// emptied.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/scoped.h"

namespace chatbot::store {

// Deletes up to `limit` items that a removed workflow has left, fewer where they are long. Returns
// whether more of it may be left. In a transaction.
bool sweepRemoved(ScopedConnection& connection, std::string_view workflowId, std::size_t limit);

// One that has left something.
std::optional<std::string> selectRemoved(ScopedConnection& connection);

}  // namespace chatbot::store
