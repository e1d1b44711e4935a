// Whether a stream's reader has something to read, told in the four ways in which it may wait.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>

#include "base/notifier.h"
#include "chatbot/stream.h"
#include "stream/feed.h"
#include "stream/wait_set.h"

namespace chatbot::stream {

// One level behind a blocking wait, a descriptor, a callback and a wait set: each is told when it
// changes. Guarded by the feed's lock, but for setCallback().
class Readiness {
 public:
  explicit Readiness(base::Notifier& notifier) : notifier_(notifier) {}

  bool isReady() const noexcept { return ready_; }

  // `later`, if given, collects the wait sets that are to be woken once the lock was let go.
  void set(bool ready, Wakes* later) noexcept;

  // Until set(true) or `deadline`. May return early.
  void wait(Environment& environment, Feed::Lock& lock, Instant deadline) {
    environment.waitUntil(changed_, lock, deadline);
  }

  int descriptor() { return pollable_.descriptor(); }

  // Without the lock: it waits for an earlier callback to return. See Notifier::set.
  void setCallback(std::function<void()> callback) { notifier_.set(notice_, std::move(callback)); }

  // Has the callback run where the level is set. False after the notifier was stopped.
  bool notify() noexcept { return !ready_ || notifier_.raise(notice_); }

  // See WaitSetCore::Entry.
  bool enter(std::shared_ptr<WaitSetCore> set, std::uint64_t token) {
    return entry_.enter(std::move(set), token, ready_);
  }
  void leave(const WaitSetCore& set) noexcept {
    if (entry_.isIn(set)) entry_.leave();
  }
  void leaveAny() noexcept { entry_.leave(); }

 private:
  base::Notifier& notifier_;
  std::condition_variable changed_;
  base::Pollable pollable_;
  WaitSetCore::Entry entry_;
  base::Notifier::Entry notice_;
  bool ready_ = false;
};

inline void Readiness::set(bool ready, Wakes* later) noexcept {
  if (ready) changed_.notify_all();
  if (ready == ready_) return;
  ready_ = ready;
  pollable_.set(ready);
  entry_.set(ready, later);
  if (ready) (void)notifier_.raise(notice_);
}

}  // namespace chatbot::stream
