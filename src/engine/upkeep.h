// What an engine does again and again, on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "chatbot/environment.h"

namespace chatbot {

class Upkeep {
 public:
  // `work` must not throw. It is called each time that `interval` has passed since it ended last.
  Upkeep(std::shared_ptr<Environment> environment, std::chrono::milliseconds interval,
         std::function<void()> work);
  ~Upkeep() { stop(); }
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Returns when it is not running any more, and will not.
  void stop() noexcept;

 private:
  void run();

  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds interval_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace chatbot
