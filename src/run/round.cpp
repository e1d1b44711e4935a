#include "run/round.h"

namespace chatbot::run {

void Round::cancel() noexcept {
  std::unique_lock lock(mutex_);
  if (cancelled_.exchange(true)) return;
  pollable_.set(true);
  const RoundSlot freed = std::move(slot_);
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

void Round::giveSlotBack() noexcept {
  RoundSlot freed;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  freed = std::move(slot_);
}

}  // namespace chatbot::run
