#include "engine/upkeep.h"

#include <utility>

namespace chatbot::engine {

Upkeep::Upkeep(std::shared_ptr<Environment> environment, std::chrono::milliseconds interval)
    : environment_(std::move(environment)), interval_(interval) {}

void Upkeep::start(std::function<void()> work) {
  work_ = std::move(work);
  thread_ = std::thread([this] { run(); });
}

void Upkeep::wake() noexcept {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void Upkeep::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Upkeep::run() {
  std::unique_lock lock(mutex_);
  Instant due = environment_->now() + interval_;
  while (!stopped_) {
    if (!woken_ && environment_->now() < due) {
      environment_->waitUntil(changed_, lock, due);
      continue;
    }
    woken_ = false;
    lock.unlock();
    work_();
    due = environment_->now() + interval_;
    lock.lock();
  }
}

}  // namespace chatbot::engine
