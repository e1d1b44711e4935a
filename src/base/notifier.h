// Runs the callbacks of streams that have become ready, one after the other, on a thread of its
// own: whoever commits, cancels or shuts down never waits for a host's code.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace chatbot::base {

// A callback may take back itself, and even let go of the notifier.
class Notifier {
 public:
  using Callback = std::function<void()>;

  // What a stream registers. It belongs to the stream and must be silent when it goes.
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
