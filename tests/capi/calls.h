// Callbacks that tell a test what has become of them.
#pragma once

#include <condition_variable>
#include <mutex>

#include "support.h"

namespace capi_test {

// Counts the calls of a notify function and of its destroy function.
struct Calls {
  static void notify(void* userData) { static_cast<Calls*>(userData)->add(&Calls::notified); }
  static void destroy(void* userData) { static_cast<Calls*>(userData)->add(&Calls::destroyed); }

  void add(int Calls::*counter) {
    const std::lock_guard lock(mutex);
    ++(this->*counter);
    changed.notify_all();
  }

  // Waits until the counter has a value or more; whether it came to.
  bool reaches(int Calls::*counter, int value) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::milliseconds(kSoonMs),
                            [&] { return this->*counter >= value; });
  }

  int get(int Calls::*counter) {
    const std::lock_guard lock(mutex);
    return this->*counter;
  }

  std::mutex mutex;
  std::condition_variable changed;
  int notified = 0;
  int destroyed = 0;
};

// Holds its thread until it is let go.
struct Gate {
  static void hold(void* userData) {
    auto& gate = *static_cast<Gate*>(userData);
    std::unique_lock lock(gate.mutex);
    gate.entered = true;
    gate.changed.notify_all();
    gate.changed.wait(lock, [&] { return gate.open; });
    gate.left = true;
  }

  void awaitEntered() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return entered; });
  }

  void letGo() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }

  bool hasLeft() {
    const std::lock_guard lock(mutex);
    return left;
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool entered = false;
  bool open = false;
  bool left = false;
};

}  // namespace capi_test
