// Time, ids and randomness that a test moves by hand.
#pragma once

#include <atomic>

#include "chatbot/environment.h"

namespace chatbot::test {

class ManualEnvironment final : public Environment {
 public:
  double wallTime() override {
    const std::chrono::duration<double> passed(std::chrono::nanoseconds(passedNanos_.load()));
    return 1'700'000'000 + passed.count();
  }

  Instant now() override {
    return Instant(std::chrono::hours(1)) + std::chrono::nanoseconds(passedNanos_.load());
  }

  // A fixed sequence (splitmix64).
  std::uint64_t random() override {
    std::uint64_t z = seed_.fetch_add(0x9E3779B97F4A7C15) + 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // Looks at the time that the test has set every millisecond.
  void waitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                 Instant deadline) override {
    if (now() < deadline) condition.wait_for(lock, std::chrono::milliseconds(1));
  }

  void advance(std::chrono::nanoseconds time) { passedNanos_ += time.count(); }

 private:
  std::atomic<std::int64_t> passedNanos_ = 0;
  std::atomic<std::uint64_t> seed_ = 7;
};

}  // namespace chatbot::test
