#include "run/round.h"

#include <array>
#include <utility>

#include "chatbot/error.h"

namespace chatbot {

Round::Round(std::shared_ptr<Rounds> rounds, Rounds::Slot slot, TurnInput input)
    : rounds_(std::move(rounds)), slot_(std::move(slot)), input_(std::move(input)) {}

Round::~Round() { rounds_->remove(*this); }

bool Round::append(std::span<const ItemContent> items) {
  if (ended_ || cancelled_) return false;
  return rounds_->store().append(key(), items).has_value();
}

bool Round::end(WorkflowStatus status, std::span<const ItemContent> items) {
  if (ended_) throw Error(ErrorCode::misuse, "the turn is finished already");
  const bool running = !cancelled_ && rounds_->store().endRound(key(), status, items);
  ended_ = true;
  rounds_->remove(*this);
  return running;
}

void Round::abandon() noexcept {
  if (ended_ || cancelled_) return;
  constexpr const char* kSafeText = "The responder ended without an answer";
  try {
    end(WorkflowStatus::error, std::array<ItemContent, 1>{failureLog(kSafeText)});
  } catch (...) {
    rounds_->endLater(key(), kSafeText);
  }
}

void Round::cancel() noexcept {
  std::unique_lock lock(mutex_);
  if (cancelled_.exchange(true)) return;
  pollable_.set(true);
  const Rounds::Slot freed = std::move(slot_);
  callBack(lock);
  lock.unlock();
}

// Without the lock: the callback may take back itself.
void Round::callBack(std::unique_lock<std::mutex>& lock) {
  if (!callback_) return;
  std::function<void()> callback = std::exchange(callback_, nullptr);
  callingBack_ = std::this_thread::get_id();
  lock.unlock();
  callback();
  callback = nullptr;  // with what it holds: that may lead back here
  lock.lock();
  callingBack_ = {};
  calledBack_.notify_all();
}

int Round::cancelPollable() {
  const std::lock_guard lock(mutex_);
  return pollable_.descriptor();
}

void Round::onCancel(std::function<void()> callback) noexcept {
  std::function<void()> replaced;  // destroyed without the lock
  std::unique_lock lock(mutex_);
  const auto idle = [this] {
    return callingBack_ == std::thread::id() || callingBack_ == std::this_thread::get_id();
  };
  calledBack_.wait(lock, idle);
  replaced = std::exchange(callback_, std::move(callback));
  lock.unlock();
}

}  // namespace chatbot
