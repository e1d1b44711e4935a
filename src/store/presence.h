// Which stores are open on a database: the rounds of one that is gone are to be ended by another.
//
// Each open store is a runner, with a number of its own, a lock that goes with its process where
// the database has such locks, and a lease: a beat that it moves while it runs rounds. Another
// store takes it for gone when its lock is free, or when its beat has stood still for most of the
// lease, as the other one's own monotonic clock measures it; nobody compares two machines' clocks.
// While nobody could write, as beside a backup that holds the database's lock, a beat stands still
// without fault. So time counts only between looks that could have written themselves, and at most
// a fifth of the lease between two.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "chatbot/environment.h"
#include "database/database.h"
#include "database/driver.h"
#include "store/writer.h"

namespace chatbot::store {

inline constexpr std::int64_t kNoRunner = 0;

class Presence {
 public:
  Presence(std::unique_ptr<database::RunnerLock> lock, std::shared_ptr<Environment> environment,
           std::chrono::milliseconds lease);

  // Each within a write transaction, which go one after the other: enter() before all else, leave()
  // last.
  void enter(database::Connection& connection);
  void beat(database::Connection& connection,
            Changes& changes);  // where a quarter of the lease has passed
  void leave(database::Connection& connection);

  // The beat that was made then is committed. Any thread.
  void hasBeaten(Instant at);

  // Of this store. Any thread, once it has entered.
  std::int64_t runner() const noexcept { return runner_; }
  bool isBeatDue() const;

  // Whether the database knows others, gone or not. Any thread.
  bool hasOthers(database::Connection& connection) const;

  // Looks at the others: those that are gone, and do not come back before the transaction ends; not
  // those that another store is looking after. Within a write transaction; to be called several
  // times within a lease.
  std::vector<std::int64_t> gone(database::Connection& connection);

  // Deletes the rows of those that will not come back, once what they have left is taken over.
  // Within the same transaction.
  void forget(database::Connection& connection, std::span<const std::int64_t> gone) const;

 private:
  // Of another runner.
  struct Sight {
    std::int64_t beat = 0;
    Instant lookedAt;
    std::chrono::nanoseconds silence{0};
  };
  void lookAtAll(database::Connection& connection);
  void look(std::int64_t runner, std::int64_t beat);
  bool isSilent(std::int64_t runner, const Sight& sight) const;
  bool isForgotten(std::int64_t runner) const;

  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds lease_;
  const std::unique_ptr<database::RunnerLock> lock_;
  std::int64_t runner_ = 0;
  std::int64_t beats_ = 0;  // the number of each is its own, so that none is taken for another
  mutable std::mutex mutex_;
  Instant beatAt_;
  std::map<std::int64_t, Sight> seen_;
};

}  // namespace chatbot::store
