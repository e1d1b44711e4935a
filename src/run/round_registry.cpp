#include "run/round_registry.h"

#include <algorithm>
#include <exception>
#include <utility>

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

RoundRegistry::StartUnderWay::StartUnderWay(RoundRegistry& registry) : registry_(registry) {
  const std::lock_guard lock(registry_.mutex_);
  registry_.starts_.push_back(this);
}

RoundRegistry::StartUnderWay::~StartUnderWay() {
  const std::lock_guard lock(registry_.mutex_);
  std::erase(registry_.starts_, this);
}

bool RoundRegistry::add(const std::shared_ptr<Round>& round, const StartUnderWay& start) {
  const RoundKey& key = round->key();
  std::shared_ptr<Round> over;
  bool isMissed = false;
  {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Round>& current = rounds_[key.workflowId];
    over = current;
    if (over != nullptr && over->key().round > key.round) over = round;
    if (over != round) current = round;
    isMissed = hasMissed(start, key.workflowId);
  }
  if (over != nullptr) over->cancel();
  return isMissed;
}

bool RoundRegistry::hasMissed(const StartUnderWay& start, std::string_view workflowId) noexcept {
  return start.missedUnnamed_ ||
         std::ranges::find(start.missed_, workflowId) != start.missed_.end();
}

void RoundRegistry::remove(const Round& round) noexcept {
  std::shared_ptr<Round> removed;
  const std::lock_guard lock(mutex_);
  const auto found = rounds_.find(round.key().workflowId);
  if (found == rounds_.end() || found->second.get() != &round) return;
  removed = std::move(found->second);
  rounds_.erase(found);
}

void RoundRegistry::cancel(const RoundKey& key) noexcept {
  if (const std::shared_ptr<Round> round = takeUpTo(key)) round->cancel();
}

std::shared_ptr<Round> RoundRegistry::takeUpTo(const RoundKey& key) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = rounds_.find(key.workflowId);
  const bool isThere = found != rounds_.end();
  if (!isThere || found->second->key().round < key.round) noteMissed(key.workflowId);
  if (!isThere || found->second->key().round > key.round) return nullptr;
  std::shared_ptr<Round> taken = std::move(found->second);
  rounds_.erase(found);
  return taken;
}

std::shared_ptr<Round> RoundRegistry::find(std::string_view workflowId) const {
  const std::lock_guard lock(mutex_);
  const auto found = rounds_.find(workflowId);
  return found == rounds_.end() ? nullptr : found->second;
}

std::shared_ptr<Round> RoundRegistry::findEnded(std::string_view workflowId) {
  const std::lock_guard lock(mutex_);
  const auto found = rounds_.find(workflowId);
  if (found != rounds_.end()) return found->second;
  noteMissed(workflowId);
  return nullptr;
}

// Under the lock. Starts under way are few; as a rule there is none.
void RoundRegistry::noteMissed(std::string_view workflowId) noexcept {
  for (StartUnderWay* const start : starts_) {
    try {
      start->missed_.emplace_back(workflowId);
    } catch (const std::exception&) {
      start->missedUnnamed_ = true;
    }
  }
}

bool RoundRegistry::isAnswered(const RoundKey& key) const {
  const std::shared_ptr<Round> round = find(key.workflowId);
  return round != nullptr && round->key().round == key.round;
}

std::vector<std::string> RoundRegistry::workflows() const {
  std::vector<std::string> ids;
  const std::lock_guard lock(mutex_);
  for (const auto& [workflowId, round] : rounds_) ids.push_back(workflowId);
  return ids;
}

bool RoundRegistry::isEmpty() const {
  const std::lock_guard lock(mutex_);
  return rounds_.empty();
}

std::vector<std::shared_ptr<Round>> RoundRegistry::takeAll() {
  std::vector<std::shared_ptr<Round>> taken;
  const std::lock_guard lock(mutex_);
  for (auto& [workflowId, round] : rounds_) taken.push_back(std::move(round));
  rounds_.clear();
  return taken;
}

}  // namespace chatbot::run
