// The streams of a wait set that are ready, as a list that they enter and leave by themselves.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/pollable.h"
#include "chatbot/stream.h"

namespace chatbot::stream {

// The sets of which streams have become ready under a lock: woken once each, when this goes, which
// should be after the lock was let go. Whoever is woken then finds all its streams ready, and the
// lock free.
class Wakes {
 public:
  Wakes() = default;
  ~Wakes();
  Wakes(const Wakes&) = delete;
  Wakes& operator=(const Wakes&) = delete;

  // False where there is no room.
  bool add(const std::shared_ptr<WaitSetCore>& set) noexcept;

 private:
  std::array<std::shared_ptr<WaitSetCore>, 4> sets_;
  std::size_t count_ = 0;
};

// Shared by the set and its streams, so that either may go first.
class WaitSetCore {
 public:
  // A stream's part. Its owner serialises all calls on it.
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
  void tell() noexcept;
  int pollable();

 private:
  // Whether those who wait have to be told.
  bool set(Entry& entry, bool ready) noexcept;
  void link(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  bool isReady() const noexcept { return first_ != nullptr || woken_; }
  WaitSet::Result take(std::span<std::uint64_t> tokens) noexcept;
  void refresh() noexcept;

  const std::shared_ptr<Environment> environment_;
  std::mutex mutex_;
  std::condition_variable changed_;
  base::Pollable pollable_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace chatbot::stream
