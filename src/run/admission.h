// Which rounds may run: slots among the limits, and the turns that wait for one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/scheduler.h"
#include "chatbot/access.h"
#include "chatbot/log.h"
#include "chatbot/run.h"
#include "run/round_limits.h"

namespace chatbot::run {

class RoundSlots;

// A slot among the rounds that run or wait, taken before a round begins so that a refusal changes
// nothing. Gives itself back when it goes. One thread at a time.
class RoundSlot {
 public:
  RoundSlot() = default;  // none: a round that does not count
  RoundSlot(RoundSlot&& other) noexcept
      : slots_(std::move(other.slots_)), ticket_(std::exchange(other.ticket_, {})) {}
  RoundSlot& operator=(RoundSlot&& other) noexcept;
  ~RoundSlot() { giveBack(); }

  RoundLimits::Ticket ticket() const noexcept { return ticket_; }
  explicit operator bool() const noexcept { return slots_ != nullptr; }

 private:
  friend class RoundSlots;
  RoundSlot(std::shared_ptr<RoundSlots> slots, RoundLimits::Ticket ticket)
      : slots_(std::move(slots)), ticket_(ticket) {}

  void giveBack() noexcept;

  std::shared_ptr<RoundSlots> slots_;
  RoundLimits::Ticket ticket_ = RoundLimits::kNoTicket;
};

// The limits for several threads. Held by each slot, and so by turns that outlive their engine.
// Any thread. Its mutex is held for bookkeeping only, and no other one is taken under it.
class RoundSlots : public std::enable_shared_from_this<RoundSlots> {
 public:
  using Ticket = RoundLimits::Ticket;

  explicit RoundSlots(const RoundLimitOptions& options) : limits_(options) {}

  // Called without a lock, on the thread that gives a slot back: whose it was, and who of those
  // that wait gets it. Must not throw. Set before the first slot is taken.
  using Listener = std::function<void(Ticket left, std::optional<Ticket> next)>;
  void onLeave(Listener listener) { listener_ = std::move(listener); }

  // Throws Error (unavailable, with a retry time) when a limit is reached or after close().
  RoundSlot take(const Identity& caller, std::optional<Ticket> replaces);

  bool isWaiting(Ticket ticket) const noexcept;

  void close() noexcept;

 private:
  friend class RoundSlot;
  void giveBack(Ticket ticket) noexcept;
  std::optional<Ticket> leave(Ticket ticket) noexcept;

  Listener listener_;
  mutable std::mutex mutex_;
  RoundLimits limits_;   // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

// Gives turns to their responders, each as soon as its slot is one of those that run.
// Any thread. Lock order: mutex_, then that of RoundSlots.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  // `timers` give the turns that have waited to responders.
  static std::shared_ptr<Admission> make(std::shared_ptr<base::Timers> timers, LogFunction log,
                                         const RoundLimitOptions& options);

  // Called, on any thread, when a slot is free that none of those that wait gets. Must be short.
  // Set before the first round.
  void onFree(std::function<void()> listener) { freed_ = std::move(listener); }

  // `replaces` is the ticket of a running round that this one will stop: where that is the caller's
  // own, its slot counts as free. Throws Error (unavailable, with a retry time) when a limit is
  // reached or after close().
  RoundSlot reserve(const Identity& caller, std::optional<RoundLimits::Ticket> replaces = {}) {
    return slots_->take(caller, replaces);
  }

  // A turn that its responder does not take is dropped, which ends its round as failed.
  void give(Turn turn, RoundLimits::Ticket ticket, Responder& responder) noexcept;

  // Refuses new rounds and gives no more turns: each that waits is dropped when its slot goes.
  void close() noexcept;

 private:
  using Ticket = RoundLimits::Ticket;

  // A turn whose slot is one of those that wait.
  struct Parked {
    Turn turn;
    Responder* responder;
  };

  Admission(std::shared_ptr<base::Timers> timers, LogFunction log,
            const RoundLimitOptions& options);

  bool park(Turn& turn, Ticket ticket, Responder& responder);
  std::optional<Parked> takeParked(Ticket ticket) noexcept;
  void giveParked(Ticket ticket) noexcept;
  void giveParkedSoon(Ticket ticket);
  void leave(Ticket left, std::optional<Ticket> next) noexcept;

  const std::shared_ptr<base::Timers> timers_;
  const LogFunction log_;
  const std::shared_ptr<RoundSlots> slots_;
  std::function<void()> freed_;

  std::mutex mutex_;
  std::map<Ticket, Parked> parked_;  // guarded by mutex_
  bool closed_ = false;              // guarded by mutex_
};

}  // namespace chatbot::run
