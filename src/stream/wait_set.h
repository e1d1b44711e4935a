// The streams of a wait set that are ready, as a list that they enter and leave by themselves.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "chatbot/stream.h"
#include "stream/pollable.h"

namespace chatbot {

// Shared by the set and its streams, so that either may go first.
class WaitSet::Core {
 public:
  // A stream's part. Its owner serialises all calls on it.
  class Entry {
   public:
    Entry() = default;
    ~Entry() { leave(); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // False for an entry that is in a set that is still there.
    bool enter(std::shared_ptr<Core> core, std::uint64_t token, bool ready);
    void leave() noexcept;
    void set(bool ready) noexcept;
    bool isIn(const Core& core) const noexcept { return core_.get() == &core; }

   private:
    friend class Core;
    std::shared_ptr<Core> core_;
    std::uint64_t token_ = 0;
    Entry* before_ = nullptr;
    Entry* after_ = nullptr;
    bool linked_ = false;  // among those that are ready
  };

  explicit Core(std::shared_ptr<Environment> environment) : environment_(std::move(environment)) {}

  Result wait(Timeout timeout, std::span<std::uint64_t> tokens);
  void wake() noexcept;
  void close() noexcept;
  int pollable();

 private:
  void set(Entry& entry, bool ready) noexcept;
  void link(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  bool isReady() const noexcept { return first_ != nullptr || woken_; }
  Result take(std::span<std::uint64_t> tokens) noexcept;
  void refresh() noexcept;

  const std::shared_ptr<Environment> environment_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Pollable pollable_;
  Entry* first_ = nullptr;
  Entry* last_ = nullptr;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace chatbot
