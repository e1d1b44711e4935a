// Telling hosts that a stream is ready: a descriptor for poll loops, and callbacks on a thread of
// their own.
//
// Callbacks do not run on the scheduler's threads: a stream becomes ready under its feed's lock on
// the thread that commits, so raise() must neither allocate nor wait, and may not lose a call as a
// timer without memory would. The thread is there only where a host has set a callback.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace chatbot::base {

// Its owner serialises all calls. The descriptor is readable exactly while the level is set. A
// level that is never polled costs no descriptor.
class Pollable {
 public:
  Pollable() = default;
  ~Pollable();
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;

  void set(bool ready) noexcept;

  // Made on first request. Throws Error (unavailable) when the process has no descriptor left.
  int descriptor();

 private:
  int descriptor_ = -1;
  bool ready_ = false;
};

// Any thread. A callback may take back itself, and even let go of the notifier.
class Notifier {
 public:
  using Callback = std::function<void()>;

  // A stream's registration. It belongs to the stream, which takes its callback back before it
  // goes. Guarded by the queue's mutex.
  class Entry {
   private:
    friend class Notifier;
    std::shared_ptr<const Callback> callback_;
    Entry* next_ = nullptr;  // among those that are due
    bool due_ = false;
  };

  Notifier();
  ~Notifier();  // stops
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Replaces the callback; null: none. Returns when the earlier one does not run any more, unless
  // called from within it. Starts the thread when first needed. Throws Error (unavailable) for a
  // callback after stop().
  void set(Entry& entry, Callback callback);

  // Has the callback run soon, once however often this is called before it does. Never waits for a
  // callback. False after stop().
  bool raise(Entry& entry) noexcept;

  // Runs what is due; afterwards nothing runs and nothing will, but the callback that calls it.
  void stop() noexcept;

 private:
  struct Queue;  // shared with the thread, which may be the last to hold it

  std::shared_ptr<Queue> queue_;
};

}  // namespace chatbot::base
