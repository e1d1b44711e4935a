// Runs tasks at given times on one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "chatbot/environment.h"

namespace chatbot::base {

// Any thread, tasks included, but for stop().
class Scheduler {
 public:
  // Must not throw. Tasks run one after the other, with no lock held.
  using Task = std::function<void()>;

  struct Key {
    Instant at{};
    std::uint64_t id = 0;
    auto operator<=>(const Key&) const = default;
  };

  explicit Scheduler(std::shared_ptr<Environment> environment);
  ~Scheduler();  // stops
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // A time that has passed means now. After stop() nothing is run.
  Key schedule(Instant at, Task task);

  // The task may be running while this returns.
  void cancel(const Key& key) noexcept;

  // Drops what is waiting and returns when no task runs any more.
  void stop() noexcept;

 private:
  void work();

  std::shared_ptr<Environment> environment_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, Task> tasks_;
  std::uint64_t lastId_ = 0;
  bool stopped_ = false;
  std::mutex joinMutex_;
  std::thread thread_;
};

}  // namespace chatbot::base
