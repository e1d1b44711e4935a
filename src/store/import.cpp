#include "store/import.h"

#include "base/excerpt.h"
#include "base/refuse.h"
#include "chatbot/error.h"
#include "store/item_table.h"
#include "store/membership.h"
#include "store/removal.h"
#include "store/workflow_table.h"

namespace chatbot::store {

void importWorkflow(ScopedConnection& rows, const Import& entry, Environment& environment) {
  constexpr std::size_t kPortion = 256;
  Workflow workflow = entry.workflow;
  if (!isId(workflow.id))
    base::refuse("the id of a workflow must be a UUID, not {}", base::excerpt(workflow.id));
  // Items of a removed workflow with this id would become this one's.
  while (sweepRemoved(rows, workflow.id, kPortion) > 0) continue;
  workflow.lastSeq = static_cast<std::int64_t>(entry.items.size());
  if (!insertWorkflow(rows, workflow, kNoInstance)) {
    throw Error(ErrorCode::forbidden, "You don't have permission to create a workflow");
  }
  std::int64_t seq = 0;
  for (const ImportedItem& item : entry.items) {
    const ItemPlace place{.workflowId = workflow.id,
                          .seq = ++seq,
                          .round = item.round.value_or(workflow.currentRound),
                          .createdAt = item.createdAt.value_or(workflow.createdAt)};
    insertItem(rows, identified(environment, item.content), place);
  }
}

}  // namespace chatbot::store
