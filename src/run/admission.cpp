#include "run/admission.h"

#include <exception>
#include <string>

#include "base/message.h"
#include "chatbot/error.h"

namespace chatbot::run {

RoundSlot& RoundSlot::operator=(RoundSlot&& other) noexcept {
  if (this == &other) return *this;
  giveBack();
  slots_ = std::move(other.slots_);
  ticket_ = std::exchange(other.ticket_, {});
  return *this;
}

void RoundSlot::giveBack() noexcept {
  if (const std::shared_ptr<RoundSlots> slots = std::move(slots_)) slots->giveBack(ticket_);
}

RoundSlot RoundSlots::take(const Identity& caller, std::optional<Ticket> replaces) {
  std::shared_ptr<RoundSlots> self = shared_from_this();
  const std::lock_guard lock(mutex_);
  if (closed_) throw Error(ErrorCode::unavailable, "The engine is shut down");
  return {std::move(self), limits_.enter(caller.mandateId, caller.userId, replaces)};
}

bool RoundSlots::isWaiting(Ticket ticket) const noexcept {
  const std::lock_guard lock(mutex_);
  return limits_.isWaiting(ticket);
}

void RoundSlots::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

std::optional<RoundSlots::Ticket> RoundSlots::leave(Ticket ticket) noexcept {
  const std::lock_guard lock(mutex_);
  return limits_.leave(ticket);
}

void RoundSlots::giveBack(Ticket ticket) noexcept {
  const std::optional<Ticket> next = leave(ticket);
  if (listener_) listener_(ticket, next);
}

// Weak: turns hold the slots, and may outlive the engine.
std::shared_ptr<Admission> Admission::make(std::shared_ptr<base::Timers> timers, LogFunction log,
                                           const RoundLimitOptions& options) {
  std::shared_ptr<Admission> made(new Admission(std::move(timers), std::move(log), options));
  made->slots_->onLeave([weak = std::weak_ptr(made)](Ticket left, std::optional<Ticket> next) {
    if (const std::shared_ptr<Admission> admission = weak.lock()) admission->leave(left, next);
  });
  return made;
}

Admission::Admission(std::shared_ptr<base::Timers> timers, LogFunction log,
                     const RoundLimitOptions& options)
    : timers_(std::move(timers)),
      log_(std::move(log)),
      slots_(std::make_shared<RoundSlots>(options)) {}

void Admission::give(Turn turn, Ticket ticket, Responder& responder) noexcept {
  std::string workflowId;
  std::int64_t round = 0;
  try {
    if (log_) {
      workflowId = turn.input().workflowId;
      round = turn.input().round;
    }
    if (!park(turn, ticket, responder)) responder.respond(std::move(turn));
  } catch (const std::exception&) {
    base::logLine(log_, LogLevel::error, "a responder has failed to take a turn",
                  {{"workflow", workflowId}, {"round", std::to_string(round)}});
  }
}

// Asked under the lock: who is granted a slot afterwards finds the turn here.
bool Admission::park(Turn& turn, Ticket ticket, Responder& responder) {
  if (ticket == RoundLimits::kNoTicket) return false;
  const std::lock_guard lock(mutex_);
  if (closed_ || !slots_->isWaiting(ticket)) return false;
  parked_.emplace(ticket, Parked{.turn = std::move(turn), .responder = &responder});
  return true;
}

std::optional<Admission::Parked> Admission::takeParked(Ticket ticket) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = parked_.extract(ticket);
  return found ? std::optional(std::move(found.mapped())) : std::nullopt;
}

void Admission::giveParked(Ticket ticket) noexcept {
  std::optional<Parked> parked = takeParked(ticket);
  if (parked) give(std::move(parked->turn), ticket, *parked->responder);
}

// By a timer: the caller may be a responder, with its locks.
void Admission::giveParkedSoon(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  if (closed_ || !parked_.contains(ticket)) return;
  timers_->schedule({}, [weak = weak_from_this(), ticket] {
    if (const std::shared_ptr<Admission> admission = weak.lock()) admission->giveParked(ticket);
  });
}

// A turn that waited and whose round is over goes with its slot. The one that is granted a slot is
// dropped, which ends its round, where there is no memory to give it.
void Admission::leave(Ticket left, std::optional<Ticket> next) noexcept {
  takeParked(left);
  if (!next) {
    if (freed_) freed_();
    return;
  }
  try {
    giveParkedSoon(*next);
  } catch (const std::exception&) {
    takeParked(*next);
  }
}

void Admission::close() noexcept {
  slots_->close();
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace chatbot::run
