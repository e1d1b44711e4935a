// The tables `draft` and `draft_piece`: the text that is being written in a workflow, as it was
// stored last. The text is in the pieces in which it came, so that storing it costs what is new.
//
// Statements run within the transaction and the scope of their connection. Drafts belong to their
// workflow's tenant. Triggers delete the pieces of a draft that is gone or replaced.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "store/engine_store.h"
#include "store/scoped.h"

namespace chatbot::store {

std::optional<Draft> selectDraft(ScopedConnection& connection, std::string_view workflowId);

// The length of the stored text of `draft`; 0 where it is not stored.
std::size_t storedBytes(ScopedConnection& connection, const Draft& draft);

// Stores a draft in the place of the workflow's earlier one, unless its round is over. Of one that
// has grown, only the new text is written: the text of a draft never changes but by growing.
void upsertDraft(ScopedConnection& connection, const Draft& draft);

void deleteDraft(ScopedConnection& connection, std::string_view workflowId);

}  // namespace chatbot::store
