// A running round, shared by its turn and those who may cancel it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "base/pollable.h"
#include "chatbot/run.h"
#include "run/rounds.h"
#include "stream/feed.h"

namespace chatbot::run {

class Round : public std::enable_shared_from_this<Round> {
 public:
  Round(std::shared_ptr<Rounds> rounds, Rounds::Slot slot, Scope scope, TurnInput input);
  ~Round();
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  const TurnInput& input() const noexcept { return input_; }
  const Scope& scope() const noexcept { return scope_; }  // of its workflow's mandate
  RoundKey key() const { return {input_.workflowId, input_.round}; }
  Rounds& rounds() noexcept { return *rounds_; }
  RoundLimits::Ticket ticket() const noexcept { return ticket_; }

  bool append(std::span<const ItemContent> items);
  bool delta(std::string_view text);

  bool rename(std::string_view name);

  // Once: a second call throws Error (misuse), unless the first one has thrown.
  bool end(WorkflowStatus status, std::span<const ItemContent> items);

  // For a turn that is dropped: ends the round as failed unless it was ended.
  void abandon(const std::string& safeText) noexcept;

  // Once until saving(): then what is added has to be saved again.
  bool needsSave() noexcept { return !saveDue_.exchange(true); }
  void saving() noexcept { saveDue_ = false; }

  // Any thread.
  void cancel() noexcept;
  bool cancelled() const noexcept { return cancelled_; }
  int cancelPollable();
  void onCancel(std::function<void()> callback) noexcept;

 private:
  bool openDraft();
  void closeDraft() noexcept;
  bool finishDraft(std::span<const ItemContent> items, std::size_t message);
  bool appendAs(std::span<const ItemContent> items, bool finishesDraft);
  void callBack(std::unique_lock<std::mutex>& lock);
  void givePlaceBack() noexcept;

  const std::shared_ptr<Rounds> rounds_;
  Rounds::Slot slot_;  // given back when the round is over
  const RoundLimits::Ticket ticket_;
  const Scope scope_;
  const TurnInput input_;
  // The turn's own, one call at a time.
  bool ended_ = false;
  std::int64_t lastSeq_;
  std::shared_ptr<stream::Feed> feed_;  // from the first delta on
  std::uint64_t draftSerial_ = 0;       // of the open draft; 0: none
  std::string cutOff_;                  // the start of a code point whose end is still to come

  std::atomic<bool> saveDue_ = false;
  std::atomic<bool> cancelled_ = false;

  std::mutex mutex_;
  base::Pollable pollable_;
  std::function<void()> callback_;
  std::condition_variable calledBack_;
  std::thread::id callingBack_;  // the thread that runs the callback
};

}  // namespace chatbot::run
