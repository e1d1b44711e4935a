#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "chatbot/run.h"
#include "stream/pollable.h"

namespace chatbot {

struct TurnQueue::Impl {
  void refresh() { pollable.set(stopped || !waiting.empty()); }

  mutable std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Turn> waiting;
  Pollable pollable;
  bool stopped = false;
};

TurnQueue::TurnQueue() : impl_(std::make_unique<Impl>()) {}

TurnQueue::~TurnQueue() { stop(); }

void TurnQueue::respond(Turn turn) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return;  // the turn, dropped, ends its round
  impl_->waiting.push_back(std::move(turn));
  impl_->refresh();
  impl_->arrived.notify_one();
}

void TurnQueue::stop() noexcept {
  std::deque<Turn> dropped;
  const std::lock_guard lock(impl_->mutex);
  impl_->stopped = true;
  dropped.swap(impl_->waiting);
  impl_->refresh();
  impl_->arrived.notify_all();
}

std::optional<Turn> TurnQueue::take(Timeout timeout) {
  std::unique_lock lock(impl_->mutex);
  const auto ready = [&] { return impl_->stopped || !impl_->waiting.empty(); };
  if (timeout < Timeout::zero()) {
    impl_->arrived.wait(lock, ready);
  } else if (!impl_->arrived.wait_for(lock, timeout, ready)) {
    return std::nullopt;
  }
  if (impl_->waiting.empty()) return std::nullopt;
  Turn turn = std::move(impl_->waiting.front());
  impl_->waiting.pop_front();
  impl_->refresh();
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
