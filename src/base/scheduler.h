// Runs tasks at given times, and work again and again, for all parts of an engine.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/error.h"

namespace chatbot::base {

// The threads of an engine that watch the clock. A part of the engine does not use it directly: it
// has Timers or a RepeatedTask on it.
//
// One thread watches the clock and runs what is due. Before it runs a task that may wait, for the
// store or for code of a host, it hands the clock to another thread, which is made when it is first
// needed. So maintenance that takes seconds delays no keepalive, no draft and no heartbeat of
// another part, and an engine in which nothing waits has one thread. There are never more threads
// than parts.
//
// Any thread. It may be destroyed within a task.
class Scheduler {
 public:
  // Must not throw. No lock is held while it runs.
  using Task = std::function<void()>;

  struct Key {
    Instant at{};
    std::uint64_t id = 0;
    auto operator<=>(const Key&) const = default;
  };

  explicit Scheduler(std::shared_ptr<Environment> environment);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

 private:
  friend class Timers;
  friend class RepeatedTask;
  class Core;   // shared with the threads: one of them may be the last to hold the scheduler
  struct Part;  // the tasks of one part

  const std::shared_ptr<Core> core_;
};

// The tasks of one part of an engine. They run one after the other. Any thread, tasks included.
class Timers {
 public:
  using Task = Scheduler::Task;
  using Key = Scheduler::Key;

  enum class Tasks {
    prompt,  // never wait for anything but a lock that is held briefly
    mayWait  // for the store, or for code of a host
  };

  Timers(std::shared_ptr<Scheduler> scheduler, Tasks tasks);
  // With a scheduler of its own, for a part that is used without an engine.
  explicit Timers(std::shared_ptr<Environment> environment);
  ~Timers();  // stops
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // A time that has passed means now. After stop() nothing is run.
  Key schedule(Instant at, Task task);

  // The task may be running while this returns.
  void cancel(const Key& key) noexcept;

  // Drops what is waiting and returns when no task runs any more, unless called from within one.
  void stop() noexcept;

 private:
  const std::shared_ptr<Scheduler> scheduler_;
  const std::shared_ptr<Scheduler::Part> part_;
};

// Work that is done again and again, and may wait: a part of an engine by itself. Any thread.
class RepeatedTask {
 public:
  RepeatedTask(std::shared_ptr<Scheduler> scheduler, std::chrono::milliseconds interval);
  ~RepeatedTask();  // stops
  RepeatedTask(const RepeatedTask&) = delete;
  RepeatedTask& operator=(const RepeatedTask&) = delete;

  // Once. The work is done each time that the interval has passed since it ended last, or sooner
  // after a wake().
  void start(Scheduler::Task work);

  // Also before start() and after stop(). Several wakes before the work begins are one.
  void wake() noexcept;

  // Returns when the work is not being done any more, unless called from within it.
  void stop() noexcept;

 private:
  const std::shared_ptr<Scheduler> scheduler_;
  const std::shared_ptr<Scheduler::Part> part_;
};

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
