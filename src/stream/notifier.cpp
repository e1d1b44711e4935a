#include "stream/notifier.h"

#include <utility>

namespace chatbot {

void Notifier::set(Entry& entry, Callback callback) {
  std::shared_ptr<const Callback> next;
  if (callback) next = std::make_shared<const Callback>(std::move(callback));
  std::unique_lock lock(mutex_);
  if (next != nullptr && !stopped_ && !thread_.joinable()) {
    thread_ = std::thread([this] { work(); });
    threadId_ = thread_.get_id();
  }
  ran_.wait(lock, [&] { return !isRunning(entry); });
  entry.callback_.swap(next);
  if (entry.callback_ == nullptr) unlink(entry);
  lock.unlock();  // the earlier one is destroyed without it: what it holds may lead back here
}

// Not for its own thread: a callback that takes itself back must not wait for its own end.
bool Notifier::isRunning(const Entry& entry) const noexcept {
  return running_ == &entry && std::this_thread::get_id() != threadId_;
}

void Notifier::raise(Entry& entry) noexcept {
  const std::lock_guard lock(mutex_);
  if (entry.due_ || !entry.callback_ || stopped_) return;
  entry.due_ = true;
  entry.next_ = nullptr;
  (last_ == nullptr ? first_ : last_->next_) = &entry;
  last_ = &entry;
  raised_.notify_one();
}

void Notifier::unlink(Entry& entry) noexcept {
  if (!entry.due_) return;
  Entry* before = nullptr;
  for (Entry* each = first_; each != &entry; each = each->next_) before = each;
  (before == nullptr ? first_ : before->next_) = entry.next_;
  if (last_ == &entry) last_ = before;
  entry.due_ = false;
}

void Notifier::stop() noexcept {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  raised_.notify_one();
  std::thread ending = std::move(thread_);
  lock.unlock();
  if (ending.joinable()) ending.join();
}

void Notifier::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    raised_.wait(lock, [&] { return stopped_ || first_ != nullptr; });
    if (first_ == nullptr) return;
    Entry& entry = *first_;
    unlink(entry);
    running_ = &entry;
    // Held while it runs: it may be taken back, with its entry, by itself.
    std::shared_ptr<const Callback> callback = entry.callback_;
    lock.unlock();
    (*callback)();
    callback.reset();
    lock.lock();
    running_ = nullptr;
    ran_.notify_all();
  }
}

}  // namespace chatbot
