// The table `instance`: the instances that have the database open. The rounds of a dead one are
// ended by another.
//
// Each open store is an instance, with a number of its own, a lock that goes with its process where
// the database has such locks, and a lease: a heartbeat, which it writes while it runs rounds.
// Another store takes it for dead when its lock is free, or when its heartbeat has stood still for
// most of the lease, as the other one's own monotonic clock measures it; no two machines' clocks
// are compared. While nobody can write, as beside a backup that holds the database's lock, a
// heartbeat stands still without fault. So time counts only between looks that could have written
// themselves, and at most a fifth of the lease between two.
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

inline constexpr std::int64_t kNoInstance = 0;

// A condition on the column `instance`: one of the `dead` instances, or one that the database does
// not know.
SqlCondition abandonedBy(std::span<const std::int64_t> dead);

// This store among the instances. Functions with a connection run within its transactions, those
// that write one after the other; the rest may be called from any thread.
class Membership {
 public:
  Membership(std::unique_ptr<database::InstanceLock> lock, std::shared_ptr<Environment> environment,
             std::chrono::milliseconds lease);

  // Before all else, and last.
  void enter(database::Connection& connection);
  void leave(database::Connection& connection);

  // The number of this store, once it has entered.
  std::int64_t instance() const noexcept { return instance_; }

  // Writes a heartbeat where a quarter of the lease has passed since the last one. `changes` takes
  // its moment, with which heartbeatCommitted() is called.
  void heartbeat(database::Connection& connection, Changes& changes);
  void heartbeatCommitted(Instant at);
  bool isHeartbeatDue() const;

  // Whether the database knows other instances, alive or dead.
  bool hasPeers(database::Connection& connection) const;

  // Looks at the other instances, in a transaction that writes. Returns the dead ones, which do not
  // come back before the transaction ends, without those that another store is reclaiming. To be
  // called several times within a lease.
  std::vector<std::int64_t> dead(database::Connection& connection);

  // Deletes the rows of those that will not come back, in the transaction that has reclaimed what
  // they have left.
  void forget(database::Connection& connection, std::span<const std::int64_t> dead) const;

 private:
  // The observation of another instance.
  struct Sight {
    std::int64_t heartbeat = 0;
    Instant lookedAt;
    std::chrono::nanoseconds silence{0};
  };
  void lookAtAll(database::Connection& connection);
  void look(std::int64_t instance, std::int64_t heartbeat);
  bool isSilent(std::int64_t instance, const Sight& sight) const;
  bool isGoneForGood(std::int64_t instance) const;

  const std::shared_ptr<Environment> environment_;
  const std::chrono::milliseconds lease_;
  const std::unique_ptr<database::InstanceLock> lock_;

  // Used within transactions that write, one after the other.
  std::int64_t instance_ = kNoInstance;
  std::int64_t heartbeats_ = 0;  // the number of each is its own, so that none is taken for another
  std::map<std::int64_t, Sight> seen_;

  mutable std::mutex mutex_;
  Instant heartbeatAt_;  // guarded by mutex_
};

}  // namespace chatbot::store
