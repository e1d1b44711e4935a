#include "engine/starter.h"

#include <exception>
#include <utility>

#include "chatbot/error.h"
#include "engine/start_request.h"

namespace chatbot::engine {

StartedRound Starter::start(const StartRequest& request, Deltas deltas) {
  StreamHub::Slot streamSlot = parts_.streams.reserve(request.caller);
  if (request.key) {
    const Scope own(Level::my, request.caller);
    const std::optional<Start> earlier =
        parts_.store->startedBefore(own, request.caller, *request.key);
    if (earlier) {
      checkTaken(*earlier, request.workflowId);
      return rejoin(request.caller, *earlier, deltas, std::move(streamSlot));
    }
  }
  return take(request, deltas, std::move(streamSlot));
}

// Both slots are taken before the round begins: once it has, nothing may fail.
StartedRound Starter::take(const StartRequest& request, Deltas deltas, StreamHub::Slot streamSlot) {
  const Scope allowed = scopeOf(request);
  run::RoundSlot roundSlot = reserveRound(request);
  // Before it waits: the round that it waits for may end at that moment.
  if (request.onBusy != OnBusy::reject) lookForQueued();
  const run::RoundRegistry::Start underWay(parts_.rounds->registry());
  const Start start = startInStore(allowed, request);
  checkTaken(start, request.workflowId);
  if (start.result == StartResult::repeated) {
    return rejoin(request.caller, start, deltas, std::move(streamSlot));
  }
  if (start.interrupted > 0) {
    parts_.rounds->registry().cancel({start.workflow.id, start.interrupted});
  }
  StartedRound started{.workflow = start.workflow, .round = start.round, .stream = {}};
  started.stream = parts_.streams.open(
      request.caller, std::move(streamSlot), start.workflow,
      {.after = {.seq = start.afterSeq}, .round = start.round, .deltas = deltas == Deltas::shown});
  if (start.result == StartResult::queued) {
    lookForQueued();
  } else {
    run(underWay, std::move(roundSlot), request, start);
  }
  return started;
}

Start Starter::startInStore(const Scope& allowed, const StartRequest& request) const {
  try {
    return parts_.store->start(allowed, request);
  } catch (const Error& fault) {
    if (fault.code() == ErrorCode::outcomeUnknown) parts_.rounds->recovery().expectUnowned();
    throw;
  }
}

Scope Starter::scopeOf(const StartRequest& request) const {
  const Identity& caller = request.caller;
  if (!request.workflowId.empty()) {
    const Workflow found = parts_.access.find(caller, request.workflowId);
    return parts_.access.require(caller, found, Operation::update, kMayNotChange);
  }
  Workflow made;
  made.mandateId = caller.mandateId;
  made.createdBy = caller.userId;
  return parts_.access.require(caller, made, Operation::create, kMayNotCreate);
}

// A start that waits for its workflow needs its slot later. Should no round be running any more
// when it comes to the store, one round runs beyond the limit.
run::RoundSlot Starter::reserveRound(const StartRequest& request) const {
  try {
    const bool interrupts = request.onBusy == OnBusy::interrupt;
    return parts_.rounds->reserve(request.caller, interrupts ? request.workflowId : "");
  } catch (const Error&) {
    if (request.onBusy != OnBusy::enqueue || request.workflowId.empty()) throw;
    const Workflow found = parts_.access.find(request.caller, request.workflowId);
    if (found.status != WorkflowStatus::running) throw;
    return {};
  }
}

StartedRound Starter::rejoin(const Identity& caller, const Start& earlier, Deltas deltas,
                             StreamHub::Slot streamSlot) const {
  StartedRound joined{.workflow = parts_.access.find(caller, earlier.workflow.id),
                      .round = earlier.round,
                      .stream = {}};
  joined.stream = parts_.streams.open(caller, std::move(streamSlot), joined.workflow,
                                      {.after = {.seq = earlier.afterSeq},
                                       .round = earlier.round,
                                       .deltas = deltas == Deltas::shown,
                                       .ended = earlier.ended});
  return joined;
}

void Starter::run(const run::RoundRegistry::Start& underWay, run::RoundSlot slot,
                  const StartRequest& request, const Start& start) {
  const Workflow& workflow = start.workflow;
  const auto& first = std::get<Message>(start.first);
  parts_.rounds->run(underWay, std::move(slot), Scope::ofMandate(workflow.mandateId),
                     {.workflowId = workflow.id,
                      .round = start.round,
                      .messageId = first.id,
                      .messageSeq = workflow.lastSeq,
                      .userId = request.caller.userId,
                      .mandateId = workflow.mandateId,
                      .prompt = request.input.prompt,
                      .userLanguage = request.input.userLanguage,
                      .listFileId = request.input.listFileId,
                      .documents = first.documents},
                     *parts_.responder);
}

run::RoundSlot Starter::reserveReady(const store::ReadyStart& ready) const {
  try {
    return parts_.rounds->reserve(ready.caller);
  } catch (const Error&) {
    return {};
  }
}

void Starter::beginQueued() noexcept {
  const std::uint64_t asked = asked_;
  if (asked == answered_) return;
  try {
    beginReady();
    if (!parts_.store->hasQueued(Scope::system())) answered_ = asked;
  } catch (const Error& fault) {
    if (fault.code() == ErrorCode::outcomeUnknown) parts_.rounds->recovery().expectUnowned();
  } catch (const std::exception&) {
    // The store is away: the next call tries again.
  }
}

// Where one user or mandate is at a limit, the starts of others may begin.
void Starter::beginReady() {
  const Scope everyTenant = Scope::system();
  for (const store::ReadyStart& ready : parts_.store->readyStarts(everyTenant)) {
    run::RoundSlot slot = reserveReady(ready);
    if (!slot) continue;
    const run::RoundRegistry::Start underWay(parts_.rounds->registry());
    std::optional<store::DequeuedStart> begun =
        parts_.store->beginQueued(everyTenant, ready.workflowId);
    if (!begun) continue;
    run(underWay, std::move(slot), begun->request, begun->start);
  }
}

}  // namespace chatbot::engine
