#include "store/round_writer.h"

#include <utility>

#include "chatbot/error.h"
#include "store/log_append.h"
#include "store/start_key.h"
#include "store/statements.h"

namespace chatbot::store {
namespace {

bool isRunning(const Workflow& workflow, const RoundKey& round) {
  return workflow.status == WorkflowStatus::running && workflow.currentRound == round.round;
}

}  // namespace

Workflow RoundWriter::create(Transaction& transaction, Workflow workflow,
                             const ItemContent& first) {
  presence_.beat(transaction.database(), transaction.changes());
  workflow.id = newId(*environment_);
  workflow.status = WorkflowStatus::running;
  workflow.currentRound = 1;
  workflow.lastSeq = 1;
  workflow.createdAt = environment_->wallTime();
  workflow.startedAt = workflow.createdAt;
  workflow.lastActivity = workflow.createdAt;
  if (!insertWorkflow(transaction.rows, workflow, presence_.runner())) {
    throw Error(ErrorCode::forbidden, "You don't have permission to create a workflow");
  }
  transaction.note({}, workflow);
  transaction.tell(appendFirst(transaction.rows, workflow, first));
  return workflow;
}

std::optional<Workflow> RoundWriter::begin(Transaction& transaction, std::string_view id,
                                           const ItemContent& first) {
  presence_.beat(transaction.database(), transaction.changes());
  std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
  std::optional<Workflow> begun =
      updateToNextRound(transaction.rows, id, presence_.runner(), environment_->wallTime());
  if (!begun) return std::nullopt;
  database::ScopedConnection everyTenant(transaction.database(), Scope::system());
  updateEnded(everyTenant, {before->id, before->currentRound}, before->status);
  transaction.note(std::move(before), begun);
  transaction.tell(appendFirst(transaction.rows, *begun, first));
  return begun;
}

std::optional<std::int64_t> RoundWriter::append(Transaction& transaction, const RoundKey& round,
                                                std::span<const ItemContent> items,
                                                bool finishesDraft) {
  std::optional<CommittedChange> change =
      appendTo(transaction.rows, round, items, environment_->wallTime());
  if (!change) return std::nullopt;
  change->finishesDraft = finishesDraft;
  if (finishesDraft) deleteDraft(transaction.rows, round.workflowId);
  const std::int64_t lastSeq = change->lastSeq;
  transaction.tell(*std::move(change));
  return lastSeq;
}

bool RoundWriter::end(Transaction& transaction, const RoundKey& round, WorkflowStatus status,
                      std::span<const ItemContent> items) {
  // Looked at first: the draft of a later round must not be frozen.
  std::optional<Workflow> before = lockWorkflow(transaction.rows, round.workflowId);
  if (!before || !isRunning(*before, round)) return false;
  const double now = environment_->wallTime();
  std::vector<ItemContent> all;
  if (std::optional<Message> kept = unfinished(transaction.rows, round, status)) {
    all.emplace_back(*std::move(kept));
  }
  all.insert(all.end(), items.begin(), items.end());
  std::optional<CommittedChange> change = appendTo(transaction.rows, round, all, now);
  if (!change) return false;
  transaction.note(std::move(before), updateToEnded(transaction.rows, round, status, now));
  deleteDraft(transaction.rows, round.workflowId);
  change->status = status;
  transaction.tell(*std::move(change));
  return true;
}

void RoundWriter::saveDrafts(Transaction& transaction, std::span<const std::string> workflowIds) {
  for (const std::string& id : workflowIds) {
    const std::optional<Draft> draft = draftInMemory(id, DraftAccess::look);
    if (draft) upsertDraft(transaction.rows, *draft);
  }
}

std::optional<Draft> RoundWriter::draftInMemory(std::string_view workflowId,
                                                DraftAccess access) const {
  return drafts_ ? drafts_(workflowId, access) : std::nullopt;
}

// What is kept of the round's open draft: its text as it is, or else as it was stored last. Nothing
// of one that has just become an item.
std::optional<Message> RoundWriter::unfinished(database::ScopedConnection& rows,
                                               const RoundKey& round, WorkflowStatus status) const {
  std::optional<Draft> draft = draftInMemory(round.workflowId, DraftAccess::freeze);
  if (!draft) draft = selectDraft(rows, round.workflowId);
  if (!draft || draft->round != round.round) return std::nullopt;
  if (isInLog(rows, *draft)) return std::nullopt;
  return messageOf(draft, status);
}

}  // namespace chatbot::store
