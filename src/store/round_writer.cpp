#include "store/round_writer.h"

#include <utility>

#include "base/message.h"
#include "chatbot/error.h"
#include "store/draft_table.h"
#include "store/item_table.h"
#include "store/membership.h"
#include "store/removal.h"
#include "store/start_key_table.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

constexpr const char* kStopped = "Stopped before it was finished";
constexpr const char* kInterrupted = "Interrupted before it was finished";

bool isRunning(const Workflow& workflow, const RoundKey& round) {
  return workflow.status == WorkflowStatus::running && workflow.currentRound == round.round;
}

ItemPlace newestPlaceOf(const Workflow& workflow) {
  return {.workflowId = workflow.id,
          .seq = workflow.lastSeq,
          .round = workflow.currentRound,
          .createdAt = workflow.lastActivity};
}

// The change that the first item of a workflow's round makes.
CommittedChange appendFirst(ScopedConnection& connection, const Workflow& workflow,
                            const ItemContent& first) {
  return {.workflowId = workflow.id,
          .lastSeq = workflow.lastSeq,
          .round = workflow.currentRound,
          .status = workflow.status,
          .items = {insertItem(connection, first, newestPlaceOf(workflow))}};
}

// Appends to a running round. Nothing where the round is over.
std::optional<CommittedChange> appendTo(ScopedConnection& connection, const RoundKey& round,
                                        std::span<const ItemContent> items, double now) {
  const std::optional<ExtendedRound> extended = extendRound(connection, round, items.size(), now);
  if (!extended) return std::nullopt;
  CommittedChange change{
      .workflowId = round.workflowId, .lastSeq = extended->lastSeq, .round = round.round};
  change.items.reserve(items.size());
  ItemPlace place{.workflowId = round.workflowId,
                  .seq = extended->lastSeq - static_cast<std::int64_t>(items.size()),
                  .round = round.round,
                  .createdAt = extended->createdAt};
  for (const ItemContent& item : items) {
    ++place.seq;
    change.items.push_back(insertItem(connection, item, place));
  }
  return change;
}

// The message that is kept of an open draft when its round ends with `status`. Nothing where there
// is no text.
std::optional<Message> messageOf(const std::optional<Draft>& draft, WorkflowStatus status) {
  if (!draft || draft->text.empty()) return std::nullopt;
  const bool finished = status == WorkflowStatus::completed;
  Message message;
  message.id = draft->messageId;
  message.parentMessageId = draft->parentMessageId;
  message.message = draft->text;
  message.status = "last";
  message.success = finished;
  if (!finished) message.summary = status == WorkflowStatus::stopped ? kStopped : kInterrupted;
  return message;
}

}  // namespace

// A clock that is set back by a little, as one that is kept in step is, stands still meanwhile. The
// workflow's lastActivity takes care of the rest.
double RoundWriter::now() {
  constexpr double kLittle = 2;
  const double wall = environment_->wallTime();
  const bool isLittle = wall < newest_ && wall > newest_ - kLittle;
  if (!isLittle) newest_ = wall;
  return newest_;
}

Workflow RoundWriter::create(Transaction& transaction, Workflow workflow,
                             const ItemContent& first) {
  membership_.heartbeat(transaction.database(), transaction.changes());
  workflow.id = newId(*environment_);
  workflow.status = WorkflowStatus::running;
  workflow.currentRound = 1;
  workflow.lastSeq = 1;
  workflow.createdAt = now();
  workflow.startedAt = workflow.createdAt;
  workflow.lastActivity = workflow.createdAt;
  if (!insertWorkflow(transaction.rows, workflow, membership_.instance())) {
    throw Error(ErrorCode::forbidden, "You don't have permission to create a workflow");
  }
  transaction.record({}, workflow);
  transaction.publish(appendFirst(transaction.rows, workflow, first));
  return workflow;
}

std::optional<Workflow> RoundWriter::begin(Transaction& transaction, std::string_view id,
                                           const ItemContent& first) {
  membership_.heartbeat(transaction.database(), transaction.changes());
  std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
  std::optional<Workflow> begun =
      updateToNextRound(transaction.rows, id, membership_.instance(), now());
  if (!begun) return std::nullopt;
  ScopedConnection everyTenant(transaction.database(), Scope::system());
  updateEnded(everyTenant, {before->id, before->currentRound}, before->status);
  transaction.record(std::move(before), begun);
  transaction.publish(appendFirst(transaction.rows, *begun, first));
  return begun;
}

std::optional<std::int64_t> RoundWriter::append(Transaction& transaction, const RoundKey& round,
                                                std::span<const ItemContent> items,
                                                bool finishesDraft) {
  std::optional<CommittedChange> change = appendTo(transaction.rows, round, items, now());
  if (!change) return std::nullopt;
  change->finishesDraft = finishesDraft;
  if (finishesDraft) deleteDraft(transaction.rows, round.workflowId);
  const std::int64_t lastSeq = change->lastSeq;
  transaction.publish(*std::move(change));
  return lastSeq;
}

bool RoundWriter::end(Transaction& transaction, const RoundKey& round, WorkflowStatus status,
                      std::span<const ItemContent> items) {
  // Looked at first: the draft of a later round must not be frozen.
  std::optional<Workflow> before = lockWorkflow(transaction.rows, round.workflowId);
  if (!before || !isRunning(*before, round)) return false;
  const double time = now();
  std::vector<ItemContent> all;
  if (std::optional<Message> kept = unfinished(transaction.rows, round, status)) {
    all.emplace_back(*std::move(kept));
  }
  all.insert(all.end(), items.begin(), items.end());
  std::optional<CommittedChange> change = appendTo(transaction.rows, round, all, time);
  if (!change) return false;
  transaction.record(std::move(before), updateToEnded(transaction.rows, round, status, time));
  deleteDraft(transaction.rows, round.workflowId);
  change->status = status;
  transaction.publish(*std::move(change));
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

// Makes a message from the text of the round's open draft, in memory or else as it was stored.
// Returns nothing where the draft has just become an item.
std::optional<Message> RoundWriter::unfinished(ScopedConnection& rows, const RoundKey& round,
                                               WorkflowStatus status) const {
  std::optional<Draft> draft = draftInMemory(round.workflowId, DraftAccess::freeze);
  if (!draft) draft = selectDraft(rows, round.workflowId);
  if (!draft || draft->round != round.round) return std::nullopt;
  if (hasMessage(rows, round.workflowId, draft->afterSeq, draft->messageId)) return std::nullopt;
  return messageOf(draft, status);
}

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
