#include "store/import.h"

#include "chatbot/error.h"
#include "store/log_append.h"
#include "store/presence.h"
#include "store/removal.h"
#include "store/statements.h"

namespace chatbot::store {

void importWorkflow(database::ScopedConnection& rows, const Store::Import& entry,
                    Environment& environment) {
  constexpr std::size_t kPortion = 256;
  Workflow workflow = entry.workflow;
  // What one of the same id has left is not this one's.
  while (sweepRemoved(rows, workflow.id, kPortion) > 0) continue;
  workflow.lastSeq = static_cast<std::int64_t>(entry.items.size());
  if (!insertWorkflow(rows, workflow, kNoRunner)) {
    throw Error(ErrorCode::forbidden, "You don't have permission to create a workflow");
  }
  ItemPlace place{.workflowId = workflow.id,
                  .seq = 0,
                  .round = workflow.currentRound,
                  .createdAt = workflow.createdAt};
  for (const ItemContent& item : entry.items) {
    ++place.seq;
    insertItem(rows, identified(environment, item), place);
  }
}

}  // namespace chatbot::store
