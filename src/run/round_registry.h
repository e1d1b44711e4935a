// Running rounds: one round as the engine sees it, which its holders can cancel, and all that
// run in this engine, by workflow.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/notifier.h"
#include "base/text_key.h"
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

// Holds the rounds, not their turns. Any thread. Its mutex is held for bookkeeping only: rounds are
// cancelled and let go of without it.
class RoundRegistry {
 public:
  // A start that is under way, on the stack of its thread: from before its round begins in the
  // store until the round is added. A cancel that comes between the two finds no round; it is noted
  // here, so that only then the store has to be asked whether the round goes on.
  class StartUnderWay {
   public:
    explicit StartUnderWay(RoundRegistry& registry);
    ~StartUnderWay();
    StartUnderWay(const StartUnderWay&) = delete;
    StartUnderWay& operator=(const StartUnderWay&) = delete;

   private:
    friend class RoundRegistry;
    RoundRegistry& registry_;
    // Both guarded by the registry's mutex.
    std::vector<std::string> missed_;  // workflows
    bool missedUnnamed_ = false;       // there was no memory for a name
  };

  // Whether a cancel of its workflow was missed since `start`. A round that is registered for the
  // workflow already is cancelled where it is older, and stays where it is newer: two starts may
  // come here in the other order than their rounds began in.
  bool add(const std::shared_ptr<Round>& round, const StartUnderWay& start);

  void remove(const Round& round) noexcept;

  // Tells the responder that this round, or an earlier one of its workflow, is over.
  void cancel(const RoundKey& key) noexcept;

  // Null where there is none.
  std::shared_ptr<Round> find(std::string_view workflowId) const;

  // The same for a caller that has heard of the round's end: where there is none, a start that is
  // under way will ask the store.
  std::shared_ptr<Round> findEnded(std::string_view workflowId);

  bool isAnswered(const RoundKey& key) const;

  std::vector<std::string> workflows() const;
  bool isEmpty() const;

  // Empties it.
  std::vector<std::shared_ptr<Round>> takeAll();

 private:
  static bool hasMissed(const StartUnderWay& start, std::string_view workflowId) noexcept;
  void noteMissed(std::string_view workflowId) noexcept;
  std::shared_ptr<Round> takeUpTo(const RoundKey& key) noexcept;

  mutable std::mutex mutex_;
  base::TextMap<std::shared_ptr<Round>> rounds_;  // by workflow; guarded by mutex_
  std::vector<StartUnderWay*> starts_;            // guarded by mutex_
};

}  // namespace chatbot::run
