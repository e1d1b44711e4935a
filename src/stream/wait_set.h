// The streams of a wait set that are ready, as a list that they enter and leave by themselves.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/notifier.h"
#include "chatbot/stream.h"

namespace chatbot::stream {

class WaitSetCore;

// Collects, under a feed's lock, the sets of streams that have become ready. Each is woken once, by
// the destructor, which is to run after the lock was let go: the thread that wakes up finds all its
// streams ready, and the lock free. Of one thread; no allocation.
class Wakes {
 public:
  Wakes() = default;
  ~Wakes();
  Wakes(const Wakes&) = delete;
  Wakes& operator=(const Wakes&) = delete;

  // False where there is no room: then the set is to be woken at once.
  bool add(const std::shared_ptr<WaitSetCore>& set) noexcept;

 private:
  std::array<std::shared_ptr<WaitSetCore>, 4> sets_;
  std::size_t count_ = 0;
};

// A wait set, shared by the set and its streams, so that either may go first. Any thread; guarded
// by its mutex, which is taken under a feed's lock and under which no other is taken.
class WaitSetCore {
 public:
  // A stream's part, linked into the set's list while the stream is ready: a change costs no
  // allocation and no search. Its owner serialises all calls on it.
  class Entry {
   public:
    Entry() = default;
    ~Entry() { leave(); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // False for an entry that is in a set that is still there.
    bool enter(std::shared_ptr<WaitSetCore> core, std::uint64_t token, bool ready);
    void leave() noexcept;
    void set(bool ready, Wakes* later = nullptr) noexcept;  // null: wakes at once
    bool isIn(const WaitSetCore& core) const noexcept { return core_.get() == &core; }

   private:
    friend class WaitSetCore;
    std::shared_ptr<WaitSetCore> core_;
    std::uint64_t token_ = 0;
    Entry* before_ = nullptr;
    Entry* after_ = nullptr;
    bool linked_ = false;  // among those that are ready
  };

  explicit WaitSetCore(std::shared_ptr<Environment> environment)
      : environment_(std::move(environment)) {}

  WaitSet::Result wait(Timeout timeout, std::span<std::uint64_t> tokens);
  void wake() noexcept;
  void close() noexcept;
  void announce() noexcept;
  int pollable();

 private:
  // Whether the set itself has become ready, or has ceased to be: announce() is to be called.
  bool set(Entry& entry, bool ready) noexcept;
  void link(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  bool isReady() const noexcept { return first_ != nullptr || woken_; }
  WaitSet::Result take(std::span<std::uint64_t> tokens) noexcept;
  void refresh() noexcept;

  const std::shared_ptr<Environment> environment_;
  std::mutex mutex_;  // guards all that follows
  std::condition_variable changed_;
  base::Pollable pollable_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace chatbot::stream

struct chatbot::WaitSet::Impl final : chatbot::stream::WaitSetCore {
  using WaitSetCore::WaitSetCore;
};
