#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/notifier.h"
#include "base/scheduler.h"
#include "chatbot/run.h"

namespace chatbot {

struct TurnQueue::Impl {
  struct Waiting {
    Turn turn;
    Instant due;
  };

  void refresh() { pollable.set(stopped || !waiting.empty()); }

  bool expires() const noexcept { return turnTimeout > Timeout::zero(); }

  Instant dueNow() const { return expires() ? environment->now() + turnTimeout : Instant{}; }

  std::unique_ptr<base::Timers> makeTimers() const {
    if (scheduler == nullptr) return std::make_unique<base::Timers>(environment);
    return std::make_unique<base::Timers>(scheduler, base::Timers::Tasks::mayWait);
  }

  // All wait equally long, so one timer, for the first, is enough. It is made with the first turn.
  void setTimer(Instant due) {
    if (!expires() || timerSet) return;
    if (timer == nullptr) timer = makeTimers();
    timer->schedule(due, [this] { expire(); });
    timerSet = true;
  }

  // The oldest turn that is still wanted. Those that are not go to `unwanted`, to be dropped
  // without the lock.
  std::optional<Turn> takeFirst(std::deque<Waiting>& unwanted) {
    std::optional<Turn> first;
    while (!first && !waiting.empty()) {
      if (waiting.front().turn.cancelled()) {
        unwanted.push_back(std::move(waiting.front()));
      } else {
        first = std::move(waiting.front().turn);
      }
      waiting.pop_front();
    }
    refresh();
    return first;
  }

  // The turns that have waited too long.
  std::deque<Waiting> takeExpired() {
    std::deque<Waiting> expired;
    const std::lock_guard lock(mutex);
    timerSet = false;
    const Instant now = environment->now();
    while (!waiting.empty() && waiting.front().due <= now) {
      expired.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    refresh();
    if (!waiting.empty() && !stopped) setTimer(waiting.front().due);
    return expired;
  }

  void expire() noexcept {
    try {
      const std::chrono::duration<double> time = turnTimeout;
      const std::string text = fmt::format("Nobody has taken the turn within {:g} s", time.count());
      for (Waiting& entry : takeExpired()) entry.turn.giveUp(text);
    } catch (const std::exception&) {
      // Without memory: a turn that was dropped has ended its round, others wait for the next
      // timer.
    }
  }

  std::shared_ptr<Environment> environment;
  std::chrono::milliseconds turnTimeout{0};
  std::shared_ptr<base::Scheduler> scheduler;  // null: the timers make one

  mutable std::mutex mutex;  // guards all that follows
  std::condition_variable arrived;
  std::deque<Waiting> waiting;  // by due
  base::Pollable pollable;
  bool stopped = false;
  bool timerSet = false;
  std::unique_ptr<base::Timers> timer;
};

TurnQueue::TurnQueue() : impl_(std::make_unique<Impl>()) {}

TurnQueue::TurnQueue(std::shared_ptr<Environment> environment,
                     std::chrono::milliseconds turnTimeout)
    : TurnQueue() {
  impl_->environment = std::move(environment);
  impl_->turnTimeout = turnTimeout;
}

TurnQueue::TurnQueue(std::shared_ptr<Environment> environment,
                     std::chrono::milliseconds turnTimeout,
                     std::shared_ptr<base::Scheduler> scheduler)
    : TurnQueue(std::move(environment), turnTimeout) {
  impl_->scheduler = std::move(scheduler);
}

TurnQueue::~TurnQueue() { stop(); }

void TurnQueue::respond(Turn turn) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return;  // the turn, dropped, ends its round
  const Instant due = impl_->dueNow();
  impl_->setTimer(due);
  impl_->waiting.push_back({std::move(turn), due});
  impl_->refresh();
  impl_->arrived.notify_one();
}

void TurnQueue::stop() noexcept {
  std::deque<Impl::Waiting> dropped;
  std::unique_ptr<base::Timers> timer;
  const std::lock_guard lock(impl_->mutex);
  impl_->stopped = true;
  dropped.swap(impl_->waiting);
  timer = std::move(impl_->timer);
  impl_->refresh();
  impl_->arrived.notify_all();
}

std::optional<Turn> TurnQueue::take(Timeout timeout) {
  std::deque<Impl::Waiting> unwanted;
  std::unique_lock lock(impl_->mutex);
  std::optional<Turn> turn;
  const auto ready = [&] {
    turn = impl_->takeFirst(unwanted);
    return impl_->stopped || turn;
  };
  if (timeout < Timeout::zero()) {
    impl_->arrived.wait(lock, ready);
  } else {
    impl_->arrived.wait_for(lock, timeout, ready);
  }
  lock.unlock();
  return turn;
}

bool TurnQueue::stopped() const noexcept {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stopped;
}

int TurnQueue::pollable() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->pollable.descriptor();
}

}  // namespace chatbot
