#include "base/scheduler.h"

#include <utility>

namespace chatbot::base {

Scheduler::Scheduler(std::shared_ptr<Environment> environment)
    : environment_(std::move(environment)), thread_([this] { work(); }) {}

Scheduler::~Scheduler() { stop(); }

Scheduler::Key Scheduler::schedule(Instant at, Task task) {
  const std::lock_guard lock(mutex_);
  const Key key{.at = at, .id = ++lastId_};
  if (stopped_) return key;
  tasks_.emplace(key, std::move(task));
  if (tasks_.begin()->first == key) changed_.notify_one();
  return key;
}

void Scheduler::cancel(const Key& key) noexcept {
  Task dropped;  // destroyed without the lock: what it holds may lead back here
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(key);
  if (found == tasks_.end()) return;
  dropped = std::move(found->second);
  tasks_.erase(found);
}

void Scheduler::stop() noexcept {
  std::map<Key, Task> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(tasks_);
    changed_.notify_one();
  }
  const std::lock_guard joining(joinMutex_);
  if (thread_.joinable()) thread_.join();
}

void Scheduler::work() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (tasks_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto next = tasks_.begin();
    if (next->first.at > environment_->now()) {
      environment_->waitUntil(changed_, lock, next->first.at);
      continue;
    }
    Task task = std::move(next->second);
    tasks_.erase(next);
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace chatbot::base
