/// @file
/// Time, ids and randomness: everything that the library takes from outside its inputs.
///
/// One Environment is shared by all parts of an engine. Tests pass one whose time they move by
/// hand, so that keepalives, limits and ids can be tested without waiting.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace chatbot {

using Instant = std::chrono::steady_clock::time_point;

/// A time to wait: negative waits for ever, zero only tries.
using Timeout = std::chrono::milliseconds;
inline constexpr Timeout kForever{-1};

/// All functions may be called from any thread.
class Environment {
 public:
  virtual ~Environment() = default;

  /// Seconds since the Unix epoch, with microseconds.
  virtual double wallTime() = 0;

  /// Monotonic time, for deadlines.
  virtual Instant now() = 0;

  virtual std::uint64_t random() = 0;

  /// Waits on `condition` until it is notified or `deadline` is reached by now(). May return early.
  virtual void waitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                         Instant deadline) = 0;
};

/// The machine's clocks and the kernel's random numbers.
std::shared_ptr<Environment> systemEnvironment();

/// A UUID of version 7 (RFC 9562, section 5.7) in its text form: ids that sort by time, to a
/// quarter of a microsecond.
std::string newId(Environment& environment);

/// Whether `text` has the form of a UUID (8-4-4-4-12 hexadecimal digits).
bool isId(std::string_view text) noexcept;

}  // namespace chatbot
