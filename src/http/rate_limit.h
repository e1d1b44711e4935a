// At most so many requests of one caller to one operation in any window of time.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "chatbot/environment.h"

namespace chatbot::http {

// The times of the requests in the window are kept (a sliding log), so no window, wherever it
// begins, holds more than the limit. Any thread.
class RateLimiter {
 public:
  RateLimiter(std::shared_ptr<Environment> environment, int limit, std::chrono::seconds window);

  struct Verdict {
    bool allowed = true;
    int remaining = 0;
    int resetSeconds = 0;  // until the next request leaves the window, rounded up
  };

  // Counts a request that is allowed.
  Verdict admit(const std::string& key);

  // How many keys are remembered: those with requests in the window, and others until a sweep.
  std::size_t keys() const;

  int limit() const noexcept { return limit_; }
  std::chrono::seconds window() const noexcept { return window_; }

 private:
  // The times of one key, oldest first from `head` on.
  struct Times {
    std::vector<Instant> at;
    std::size_t head = 0;

    std::size_t size() const noexcept { return at.size() - head; }
    void dropUntil(Instant oldest);
  };

  void sweep(Instant oldest);
  int secondsUntil(Instant now, Instant freed) const;

  std::shared_ptr<Environment> environment_;
  const int limit_;
  const std::chrono::seconds window_;
  mutable std::mutex mutex_;  // guards all that follows
  std::unordered_map<std::string, Times> keys_;
  std::size_t sweepAt_;  // number of keys at which those without requests are dropped
};

}  // namespace chatbot::http
