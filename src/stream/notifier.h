// Runs the callbacks of streams that have become ready, one after the other, on a thread of its
// own: whoever commits, cancels or shuts down never waits for a host's code.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace chatbot {

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

  Notifier() = default;
  ~Notifier() { stop(); }
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Replaces the callback; null: none. Returns when the earlier one does not run any more, unless
  // called from within it. Starts the thread when first needed.
  void set(Entry& entry, Callback callback);

  // Has the callback run soon, once however often this is called before it does. Never waits for a
  // callback.
  void raise(Entry& entry) noexcept;

  // Runs what is due; afterwards nothing runs and nothing will.
  void stop() noexcept;

 private:
  void work();
  void unlink(Entry& entry) noexcept;
  bool isRunning(const Entry& entry) const noexcept;

  std::mutex mutex_;
  std::condition_variable raised_;
  std::condition_variable ran_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  const Entry* running_ = nullptr;
  bool stopped_ = false;
  std::thread thread_;
  std::thread::id threadId_;
};

}  // namespace chatbot
