// Trying again what a store could not take that is away: one policy for everybody who does.
#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

#include "base/scheduler.h"
#include "chatbot/environment.h"
#include "chatbot/error.h"

namespace chatbot::base {

// How long to wait before each further attempt. It doubles up to a limit: a store that is back is
// used soon, and one that stays away is seldom asked.
class RetryDelay {
 public:
  std::chrono::milliseconds next() noexcept {
    return std::exchange(delay_, std::min(delay_ * 2, kLongest));
  }

 private:
  static constexpr std::chrono::milliseconds kFirst{250};
  static constexpr std::chrono::milliseconds kLongest{2000};
  std::chrono::milliseconds delay_ = kFirst;
};

// Whether the fault passes by itself: the store is full, or cannot be reached.
inline bool isPassing(const Error& fault) noexcept {
  return fault.code() == ErrorCode::unavailable;
}

// Calls `attempt` as a task of `timers`, after a delay and again until it returns true or the
// timers are stopped. The first attempt is the caller's own. `attempt` must not throw. Both
// `timers` and `environment` outlive the task. Gives up where there is no memory for another task.
inline void retryLater(Timers& timers, Environment& environment, std::function<bool()> attempt,
                       RetryDelay delay = {}) {
  const Instant due = environment.now() + delay.next();
  timers.schedule(due, [&timers, &environment, attempt = std::move(attempt), delay] {
    if (attempt()) return;
    try {
      retryLater(timers, environment, attempt, delay);
    } catch (const std::exception&) {
      // Without memory: what was to be done is left to the next opening of the store.
    }
  });
}

}  // namespace chatbot::base
