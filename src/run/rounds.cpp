#include "run/rounds.h"

#include <exception>
#include <utility>

namespace chatbot::run {
namespace {

bool isOverIn(const std::optional<Workflow>& found, const RoundKey& round) noexcept {
  return !found || found->status != WorkflowStatus::running || found->currentRound != round.round;
}

std::shared_ptr<TurnServices> servicesOf(const Rounds::Parts& parts, const RoundOptions& options,
                                         const std::shared_ptr<base::Timers>& timers) {
  // An aggregate that does not move, which make_shared cannot fill.
  return std::shared_ptr<TurnServices>(  // NOLINT(modernize-make-shared)
      new TurnServices{.store = parts.store,
                       .streams = parts.streams,
                       .environment = parts.environment,
                       .drafts = std::make_shared<DraftSaver>(
                           parts.store, timers, parts.environment, options.draftInterval),
                       .end = RoundEnd(parts.store, timers, parts.environment, parts.log),
                       .registry = {}});
}

}  // namespace

Rounds::Rounds(const Parts& parts, const RoundOptions& options)
    : timers_(std::make_shared<base::Timers>(parts.scheduler, base::Timers::Tasks::mayWait)),
      services_(servicesOf(parts, options, timers_)),
      admission_(Admission::make(timers_, parts.log, options.limits)),
      recovery_(parts.store, parts.environment, parts.log, services_->registry, services_->end) {}

RoundSlot Rounds::reserve(const Identity& caller, std::string_view interrupts) {
  std::optional<RoundLimits::Ticket> replaced;
  if (!interrupts.empty()) {
    if (const std::shared_ptr<Round> running = registry().find(interrupts)) {
      replaced = running->ticket();
    }
  }
  return admission_->reserve(caller, replaced);
}

void Rounds::run(const RoundRegistry::StartUnderWay& start, RoundSlot slot, Scope scope,
                 TurnInput input, Responder& responder) {
  const auto round = std::make_shared<Round>(
      std::move(scope), RoundKey{input.workflowId, input.round}, std::move(slot));
  Turn turn(std::make_unique<Turn::Impl>(services_, round, std::move(input)));
  const bool mayBeOver = registry().add(round, start);
  if (mayBeOver && isOver(*round)) round->cancel();
  if (!round->isCancelled()) admission_->give(std::move(turn), round->ticket(), responder);
}

// Where the store cannot be read, the round's first append will tell.
bool Rounds::isOver(const Round& round) const noexcept {
  try {
    return isOverIn(services_->store->find(round.scope(), round.key().workflowId), round.key());
  } catch (const std::exception&) {
    return false;
  }
}

void Rounds::cancelEnded(std::string_view workflowId) {
  const std::shared_ptr<Round> round = registry().findEnded(workflowId);
  if (round != nullptr && isOver(*round)) registry().cancel(round->key());
}

void Rounds::cancelEnded(std::string_view workflowId, const std::optional<Workflow>& found) {
  const std::shared_ptr<Round> round = registry().find(workflowId);
  if (round != nullptr && isOverIn(found, round->key())) cancelEnded(workflowId);
}

void Rounds::close() noexcept {
  admission_->close();
  timers_->stop();
  for (const std::shared_ptr<Round>& round : registry().takeAll()) {
    services_->end.tryNow(round->scope(), round->key(), kInterrupted);
    round->cancel();
  }
}

}  // namespace chatbot::run
