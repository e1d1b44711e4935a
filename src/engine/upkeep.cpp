#include "engine/upkeep.h"

#include <utility>

namespace chatbot {

Upkeep::Upkeep(std::shared_ptr<Environment> environment, std::chrono::milliseconds interval,
               std::function<void()> work)
    : environment_(std::move(environment)),
      interval_(interval),
      work_(std::move(work)),
      thread_([this] { run(); }) {}

void Upkeep::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Upkeep::run() {
  std::unique_lock lock(mutex_);
  Instant due = environment_->now() + interval_;
  while (!stopped_) {
    if (environment_->now() < due) {
      environment_->waitUntil(stopping_, lock, due);
      continue;
    }
    lock.unlock();
    work_();
    due = environment_->now() + interval_;
    lock.lock();
  }
}

}  // namespace chatbot
