#include "store/starts.h"

#include <chrono>
#include <utility>

#include "chatbot/error.h"
#include "store/item_table.h"
#include "store/round_queue_table.h"
#include "store/start_key_table.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

Start refused(StartResult result) { return {.result = result, .workflow = {}}; }

Start begun(Workflow workflow, const ItemContent& first) {
  Start start{.result = StartResult::begun, .workflow = std::move(workflow), .first = first};
  start.round = start.workflow.currentRound;
  start.afterSeq = start.workflow.lastSeq - 1;
  return start;
}

bool takesPlace(StartResult result) {
  return result == StartResult::begun || result == StartResult::queued;
}

}  // namespace

std::optional<Start> earlierStart(ScopedConnection& rows, const Identity& caller,
                                  const StartKey& key, double now) {
  const std::optional<KeptStart> kept = selectStart(rows, caller, key.key, now);
  if (!kept) return std::nullopt;
  if (kept->fingerprint != key.fingerprint) return refused(StartResult::otherRequest);
  Start start = refused(StartResult::repeated);
  start.workflow.id = kept->workflowId;
  start.round = kept->round;
  start.afterSeq = kept->afterSeq;
  start.ended = kept->ended;
  return start;
}

Start Starts::start(Transaction& transaction, const StartRequest& request) {
  if (request.key) {
    lockStartKey(transaction.rows, request.caller, request.key->key);
    std::optional<Start> earlier =
        earlierStart(transaction.rows, request.caller, *request.key, environment_->wallTime());
    if (earlier) return *std::move(earlier);
  }
  Start start =
      request.workflowId.empty() ? create(transaction, request) : goOn(transaction, request);
  if (request.key && takesPlace(start.result)) keep(transaction, request, start);
  return start;
}

void Starts::keep(Transaction& transaction, const StartRequest& request, const Start& start) {
  constexpr std::size_t kDeleted = 4;  // more than are added, so that old keys never pile up
  const double now = environment_->wallTime();
  ScopedConnection everyTenant(transaction.database(), Scope::system());
  deleteExpiredStarts(everyTenant, now, kDeleted);
  const KeptStart kept{.fingerprint = request.key->fingerprint,
                       .workflowId = start.workflow.id,
                       .round = start.round,
                       .afterSeq = start.afterSeq};
  upsertStart(transaction.rows, request.caller, request.key->key, kept,
              now + std::chrono::duration<double>(request.key->life).count());
}

Message Starts::firstMessage(const UserInput& input) const {
  return std::get<Message>(identified(*environment_, userMessage(input)));
}

ItemContent Starts::firstItem(const StartRequest& request) const {
  return request.first ? identified(*environment_, *request.first) : firstMessage(request.input);
}

Start Starts::create(Transaction& transaction, const StartRequest& request) {
  Workflow workflow;
  workflow.mandateId = request.caller.mandateId;
  workflow.createdBy = request.caller.userId;
  workflow.name = request.name;
  workflow.workflowMode = request.workflowMode;
  const ItemContent first = firstItem(request);
  return begun(rounds_.create(transaction, std::move(workflow), first), first);
}

Start Starts::goOn(Transaction& transaction, const StartRequest& request) {
  Start start = begin(transaction, request);
  if (start.result != StartResult::busy) return start;
  const std::optional<Workflow> busy = lockWorkflow(transaction.rows, request.workflowId);
  if (!busy) return refused(StartResult::notFound);
  if (request.onBusy == OnBusy::interrupt) return interrupt(transaction, request, *busy);
  if (request.onBusy == OnBusy::enqueue) return enqueue(transaction, request, *busy);
  start.workflow = *busy;
  return start;
}

Start Starts::begin(Transaction& transaction, const StartRequest& request) {
  const ItemContent first = firstItem(request);
  std::optional<Workflow> workflow = rounds_.begin(transaction, request.workflowId, first);
  return workflow ? begun(*std::move(workflow), first) : refused(StartResult::busy);
}

Start Starts::interrupt(Transaction& transaction, const StartRequest& request,
                        const Workflow& running) {
  const std::int64_t waiting = countQueued(transaction.rows, running.id);
  if (waiting > 0 && waiting >= request.maxQueued) return enqueue(transaction, request, running);
  const RoundKey round{running.id, running.currentRound};
  const bool stopped = rounds_.end(transaction, round, WorkflowStatus::stopped, {});
  Start start = begin(transaction, request);
  if (start.result == StartResult::busy) {
    const std::optional<Workflow> now = lockWorkflow(transaction.rows, running.id);
    start = enqueue(transaction, request, *now);
  }
  if (stopped) start.interrupted = round.round;
  return start;
}

Start Starts::enqueue(Transaction& transaction, const StartRequest& request,
                      const Workflow& workflow) {
  if (request.first) {
    throw Error(ErrorCode::invalidArgument, "A start that waits begins with its user's message");
  }
  const std::int64_t waiting = countQueued(transaction.rows, workflow.id);
  Start start{.result = StartResult::queued, .workflow = workflow};
  if (waiting >= request.maxQueued) {
    start.result = StartResult::full;
    return start;
  }
  membership_.heartbeat(transaction.database(), transaction.changes());
  start.round = workflow.currentRound + waiting + 1;
  start.afterSeq = workflow.lastSeq;
  insertQueued(transaction.rows, workflow.id,
               {.round = start.round, .userId = request.caller.userId, .input = request.input},
               membership_.instance());
  return start;
}

std::optional<DequeuedStart> Starts::beginQueued(Transaction& transaction, std::string_view id) {
  lockWorkflow(transaction.rows, id);
  std::optional<QueuedRound> next = selectNextQueued(transaction.rows, id, membership_.instance());
  if (!next) return std::nullopt;
  deleteQueued(transaction.rows, id, next->round);
  const Message first = firstMessage(next->input);
  std::optional<Workflow> workflow = rounds_.begin(transaction, id, first);
  if (!workflow) throw Error(ErrorCode::internal, "a start that waits is out of order");
  StartRequest request;
  request.caller = {
      .userId = std::move(next->userId), .mandateId = workflow->mandateId, .roles = {}};
  request.workflowId = workflow->id;
  request.input = std::move(next->input);
  return DequeuedStart{std::move(request), begun(*std::move(workflow), first)};
}

}  // namespace chatbot::store

std::optional<chatbot::OnBusy> chatbot::onBusyFromText(std::string_view text) noexcept {
  if (text == "reject") return OnBusy::reject;
  if (text == "interrupt") return OnBusy::interrupt;
  if (text == "enqueue") return OnBusy::enqueue;
  return std::nullopt;
}
