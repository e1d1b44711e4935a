// A running round as the engine sees it: who holds it can cancel it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "base/pollable.h"
#include "chatbot/access.h"
#include "chatbot/store.h"
#include "run/admission.h"

namespace chatbot::run {

// Shared by the round's turn and the registry; holds neither. Any thread.
class Round {
 public:
  // `scope` is that of its workflow's mandate.
  Round(Scope scope, RoundKey key, RoundSlot slot)
      : scope_(std::move(scope)),
        key_(std::move(key)),
        ticket_(slot.ticket()),
        slot_(std::move(slot)) {}
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  const Scope& scope() const noexcept { return scope_; }
  const RoundKey& key() const noexcept { return key_; }
  RoundLimits::Ticket ticket() const noexcept { return ticket_; }

  // Sets the flag and the descriptor, gives the slot back and calls the callback, all of it once.
  void cancel() noexcept;

  bool isCancelled() const noexcept { return cancelled_; }

  // As Turn::cancelPollable and Turn::onCancel.
  int cancelPollable();
  void onCancel(std::function<void()> callback) noexcept;

  // The round is over.
  void giveSlotBack() noexcept;

 private:
  void callBack(std::unique_lock<std::mutex>& lock);

  const Scope scope_;
  const RoundKey key_;
  const RoundLimits::Ticket ticket_;
  std::atomic<bool> cancelled_ = false;

  // Guards all that follows. Neither the callback nor the end of the slot runs under it.
  std::mutex mutex_;
  RoundSlot slot_;
  base::Pollable pollable_;
  std::function<void()> callback_;
  std::condition_variable calledBack_;
  std::thread::id callingBack_;  // the thread that runs the callback
};

}  // namespace chatbot::run
