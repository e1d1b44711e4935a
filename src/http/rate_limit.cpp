#include "http/rate_limit.h"

#include <algorithm>
#include <utility>

namespace chatbot::http {
namespace {

constexpr std::size_t kFirstSweep = 1024;

}  // namespace

RateLimiter::RateLimiter(std::shared_ptr<Environment> environment, int limit,
                         std::chrono::seconds window)
    : environment_(std::move(environment)), limit_(limit), window_(window), sweepAt_(kFirstSweep) {}

RateLimiter::Verdict RateLimiter::admit(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const Instant now = environment_->now();
  if (keys_.size() >= sweepAt_) sweep(now - window_);
  Times& times = keys_[key];
  times.dropUntil(now - window_);

  Verdict verdict;
  verdict.allowed = times.size() < static_cast<std::size_t>(limit_);
  if (verdict.allowed) times.at.push_back(now);
  verdict.remaining = limit_ - static_cast<int>(times.size());
  verdict.resetSeconds = secondsUntil(now, times.at[times.head] + window_);
  return verdict;
}

std::size_t RateLimiter::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

// A request leaves the window the moment it is as old as the window is long.
void RateLimiter::Times::dropUntil(Instant oldest) {
  while (head < at.size() && at[head] <= oldest) ++head;
  if (head * 2 < at.size()) return;
  at.erase(at.begin(), at.begin() + static_cast<std::ptrdiff_t>(head));
  head = 0;
}

void RateLimiter::sweep(Instant oldest) {
  std::erase_if(keys_, [&](const auto& entry) {
    const Times& times = entry.second;
    return times.size() == 0 || times.at.back() <= oldest;
  });
  sweepAt_ = std::max(kFirstSweep, keys_.size() * 2);
}

int RateLimiter::secondsUntil(Instant now, Instant freed) const {
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(freed - now).count());
}

}  // namespace chatbot::http
