#include "store/membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "database/dialect.h"

namespace chatbot::store {
namespace {

// Parts of a lease: how often a store writes a heartbeat, and how long an instance is silent before
// it counts as dead. The rest of the lease is for the looks, so that rounds are ended within it.
constexpr double kHeartbeat = 0.25;
constexpr double kSilent = 0.75;

// The time that counts at most between two looks.
constexpr double kLongestLook = 0.2;

std::chrono::nanoseconds part(std::chrono::milliseconds lease, double of) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(lease * of);
}

void deleteInstance(database::Connection& connection, std::int64_t instance) {
  connection.run("DELETE FROM instance WHERE id = ?", instance);
}

}  // namespace

SqlCondition abandonedBy(std::span<const std::int64_t> dead) {
  SqlCondition condition{.text = "(instance NOT IN (SELECT id FROM instance)", .values = {}};
  for (const std::int64_t instance : dead) {
    condition.text += " OR instance = ?";
    condition.values.emplace_back(instance);
  }
  condition.text += ")";
  return condition;
}

Membership::Membership(std::unique_ptr<database::InstanceLock> lock,
                       std::shared_ptr<Environment> environment, std::chrono::milliseconds lease)
    : environment_(std::move(environment)),
      lease_(lease),
      lock_(std::move(lock)),
      heartbeatAt_(environment_->now()) {}

// Takes the lock before peers can see the row: without it they would take the instance for dead.
void Membership::enter(database::Connection& connection) {
  instance_ = connection.query("INSERT INTO instance (heartbeat) VALUES (0) RETURNING id")
                  .first(database::integerOf)
                  .value();
  lock_->hold(instance_);
}

void Membership::leave(database::Connection& connection) { deleteInstance(connection, instance_); }

// Inserts the row again if a peer declared this instance dead and deleted it.
void Membership::heartbeat(database::Connection& connection, Changes& changes) {
  if (!isHeartbeatDue()) return;
  changes.heartbeatAt = environment_->now();
  connection.run(
      "INSERT INTO instance (id, heartbeat) VALUES (?, ?) "
      "ON CONFLICT (id) DO UPDATE SET heartbeat = excluded.heartbeat",
      instance_, ++heartbeats_);
}

void Membership::heartbeatCommitted(Instant at) {
  const std::lock_guard lock(mutex_);
  heartbeatAt_ = at;
}

bool Membership::isHeartbeatDue() const {
  const std::lock_guard lock(mutex_);
  return environment_->now() - heartbeatAt_ >= part(lease_, kHeartbeat);
}

bool Membership::hasPeers(database::Connection& connection) const {
  return connection.query("SELECT 1 FROM instance WHERE id <> ? LIMIT 1", instance_).any();
}

// Locks and reads the row again before the instance counts as dead: a heartbeat of this moment is
// either seen here, or written after this transaction has ended.
std::vector<std::int64_t> Membership::dead(database::Connection& connection) {
  lookAtAll(connection);
  const std::string heartbeatOf =
      fmt::format("SELECT heartbeat FROM instance WHERE id = ?{}{}",
                  connection.dialect().forUpdate(), connection.dialect().skipLocked());
  std::vector<std::int64_t> dead;
  for (const auto& [instance, sight] : seen_) {
    if (!isSilent(instance, sight)) continue;
    const auto heartbeat = connection.query(heartbeatOf, instance).first(database::integerOf);
    if (heartbeat == sight.heartbeat) dead.push_back(instance);
  }
  return dead;
}

bool Membership::isSilent(std::int64_t instance, const Sight& sight) const {
  return !lock_->isHeld(instance) || sight.silence >= part(lease_, kSilent);
}

void Membership::lookAtAll(database::Connection& connection) {
  std::map<std::int64_t, std::int64_t> heartbeats;
  for (const database::Row& row :
       connection.query("SELECT id, heartbeat FROM instance WHERE id <> ?", instance_)) {
    heartbeats.emplace(row.integer(0), row.integer(1));
  }
  std::erase_if(seen_, [&](const auto& entry) { return !heartbeats.contains(entry.first); });
  for (const auto& [instance, heartbeat] : heartbeats) look(instance, heartbeat);
}

// A silent instance whose process may still run can come to life again, and then writes its row
// anew. Where no lock can tell, ten leases of silence are taken for its end.
bool Membership::isGoneForGood(std::int64_t instance) const {
  constexpr int kLeases = 10;
  if (lock_->isExact()) return !lock_->isHeld(instance);
  const auto sight = seen_.find(instance);
  return sight != seen_.end() && sight->second.silence >= kLeases * lease_;
}

void Membership::forget(database::Connection& connection,
                        std::span<const std::int64_t> dead) const {
  for (const std::int64_t instance : dead) {
    if (isGoneForGood(instance)) deleteInstance(connection, instance);
  }
}

void Membership::look(std::int64_t instance, std::int64_t heartbeat) {
  const Instant now = environment_->now();
  const Sight first{.heartbeat = heartbeat, .lookedAt = now};
  Sight& sight = seen_.try_emplace(instance, first).first->second;
  const std::chrono::nanoseconds since = now - sight.lookedAt;
  sight.silence += std::min(since, part(lease_, kLongestLook));
  sight.lookedAt = now;
  if (sight.heartbeat != heartbeat) sight = first;
}

}  // namespace chatbot::store
