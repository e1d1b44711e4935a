// Which stores are open on a database: the rounds of one that is gone are to be ended by another.
//
// Each open store is a runner, with a number of its own, a lock that goes with its process, and a
// lease: a beat that it moves while it runs rounds. Another store takes it for gone when its lock
// is free, or when its beat has stood still for the lease, as the other one's own monotonic clock
// measures it; nobody compares two machines' clocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "chatbot/environment.h"
#include "store/driver.h"
#include "store/sqlite/runner_lock.h"

namespace chatbot::store {

inline constexpr std::int64_t kNoRunner = 0;

class Presence {
 public:
  Presence(const std::string& databasePath, std::shared_ptr<Environment> environment,
           std::chrono::milliseconds lease);

  // Each within a write transaction, which go one after the other: enter() before all else, leave()
  // last.
  void enter(Connection& connection);
  void beat(Connection& connection);  // where a third of the lease has passed
  void leave(Connection& connection);

  // Of this store. Any thread, once it has entered.
  std::int64_t runner() const noexcept { return runner_; }
  bool isBeatDue() const;

  // The runners that are gone, of those that the database knows. Any thread.
  std::vector<std::int64_t> gone(Connection& connection);

 private:
  struct Sight {
    std::int64_t beat = 0;
    Instant since;
  };
  bool isGone(std::int64_t runner, std::int64_t beat);

  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds lease_;
  RunnerLock lock_;
  std::int64_t runner_ = 0;
  mutable std::mutex mutex_;
  Instant beatAt_;
  std::map<std::int64_t, Sight> seen_;  // the others' beats, and since when they have stood
};

// Runners that have gone leave their row until what they have left is taken over.
void deleteRunner(Connection& connection, std::int64_t runner);

}  // namespace chatbot::store
