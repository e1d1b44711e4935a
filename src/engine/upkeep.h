// What an engine does again and again, on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "chatbot/environment.h"

namespace chatbot::engine {

class Upkeep {
 public:
  Upkeep(std::shared_ptr<Environment> environment, std::chrono::milliseconds interval);
  ~Upkeep() { stop(); }
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Once. `work` must not throw. It is called each time that `interval` has passed since it ended
  // last, or sooner after a wake().
  void start(std::function<void()> work);

  // Any thread, also before start() and after stop().
  void wake() noexcept;

  // Returns when it is not running any more, and will not.
  void stop() noexcept;

 private:
  void run();

  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds interval_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace chatbot::engine
