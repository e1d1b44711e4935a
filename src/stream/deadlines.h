// When a stream is due without anything to read: its keepalives, and the end of its life.
#pragma once

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "base/scheduler.h"
#include "chatbot/stream.h"

namespace chatbot::stream {

// One timer at most: an event that is sent moves the deadline, and the timer, which stays where it
// is, follows when it rings. So an event costs no work on the timers. Guarded by the feed's lock.
class Deadlines {
 public:
  Deadlines(base::Timers& timers, const StreamOptions& options, Instant now)
      : timers_(timers),
        options_(options),
        expiresAt_(now + options.lifetime),
        keepaliveAt_(now + options.keepalive) {}
  ~Deadlines() { disarm(); }
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  bool isExpired(Instant now) const noexcept { return now >= expiresAt_; }
  bool isSilent(Instant now) const noexcept { return now >= keepaliveAt_; }
  Instant next() const noexcept { return std::min(keepaliveAt_, expiresAt_); }

  void sent(Instant now) noexcept { keepaliveAt_ = now + options_.keepalive; }

  bool isArmed() const noexcept { return timer_.has_value(); }

  // Has `ring` called once, at `deadline` or a little later. Without memory for it, it is not
  // armed.
  template <typename Ring>
  void arm(Instant deadline, const Ring& ring) noexcept {
    disarm();
    try {
      timer_ = timers_.schedule(tickAfter(deadline), ring);
    } catch (const std::bad_alloc&) {
      // The next event that is sent arms it.
    }
  }

  void disarm() noexcept {
    if (timer_) timers_.cancel(*std::exchange(timer_, std::nullopt));
  }

  void rang() noexcept { timer_.reset(); }

 private:
  static constexpr int kTicksPerKeepalive = 128;

  // A little late, so that one waking of the clock's thread serves many streams.
  Instant tickAfter(Instant deadline) const noexcept {
    const Instant::duration tick = options_.keepalive / kTicksPerKeepalive;
    if (tick <= Instant::duration::zero()) return deadline;
    const Instant::duration late = tick - deadline.time_since_epoch() % tick;
    return deadline + late % tick;
  }

  base::Timers& timers_;
  const StreamOptions& options_;
  const Instant expiresAt_;
  Instant keepaliveAt_;
  std::optional<base::Timers::Key> timer_;
};

}  // namespace chatbot::stream
