#include "store/maintenance.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>

#include "chatbot/error.h"
#include "store/item_table.h"
#include "store/removal.h"
#include "store/round_queue_table.h"
#include "store/search/message_index.h"
#include "store/start_key_table.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

const Scope& everyTenant() {
  static const Scope scope = Scope::system();
  return scope;
}

// The item that ends the rounds of a dead instance in a store without an engine.
Log interruptedLog() {
  Log log;
  log.message = "The round was interrupted before it had ended";
  log.type = "error";
  log.status = "error";
  return log;
}

}  // namespace

bool Maintenance::maintain(std::size_t limit) {
  if (needsLease()) renewLease();
  if (isReclaimDue()) reclaim(everyTenant(), std::array<ItemContent, 1>{interruptedLog()});
  const bool mayHaveKeys = sweepStartKeys(limit);
  const bool mayHaveItems = sweepRemoved(limit);
  return indexMessages(limit) > 0 || mayHaveItems || mayHaveKeys;
}

// Without heartbeats peers would end the rounds that run here, and take the starts that wait.
bool Maintenance::needsLease() {
  if (parts_.isShared) return true;
  return parts_.connections.read(everyTenant(), [this](ScopedConnection& rows) {
    const std::int64_t own = parts_.membership.instance();
    return !selectRoundsOf(rows, own).empty() || hasQueued(rows, own);
  });
}

// Ten times within a lease: time counts only between looks that are not far apart.
bool Maintenance::isReclaimDue() {
  const Instant now = parts_.environment->now();
  if (now < nextReclaim_.load()) return false;
  nextReclaim_ = now + parts_.lease / 10;
  return true;
}

void Maintenance::renewLease() {
  if (!parts_.membership.isHeartbeatDue()) return;
  parts_.connections.writeUnscoped([this](database::Connection& connection, Changes& changes) {
    parts_.membership.heartbeat(connection, changes);
  });
}

bool Maintenance::hasPeers() {
  return parts_.connections.readUnscoped(
      [this](database::Connection& connection) { return parts_.membership.hasPeers(connection); });
}

std::vector<RoundKey> Maintenance::reclaim(const Scope& scope, std::span<const ItemContent> items) {
  std::vector<RoundKey> ended;
  if (!mayHaveAbandoned(scope)) return ended;
  Reclaimed some{.mayBeMore = true, .ended = {}};
  while (some.mayBeMore) {
    parts_.connections.write(
        scope, [&](Transaction& transaction) { some = reclaimSome(transaction, items); });
    std::ranges::move(some.ended, std::back_inserter(ended));
  }
  return ended;
}

bool Maintenance::mayHaveAbandoned(const Scope& scope) {
  return hasPeers() || parts_.connections.read(scope, [](ScopedConnection& rows) {
    return !selectAbandonedRounds(rows, {}, 1).empty() || hasAbandonedQueue(rows, {});
  });
}

// Ends some of the rounds; in the transaction of the last ones, adopts the starts that wait. In
// portions, because meanwhile nobody else here can write, not even a heartbeat.
Maintenance::Reclaimed Maintenance::reclaimSome(Transaction& transaction,
                                                std::span<const ItemContent> items) {
  constexpr std::size_t kRounds = 64;
  Membership& membership = parts_.membership;
  membership.heartbeat(transaction.database(), transaction.changes());
  const std::vector<std::int64_t> dead = membership.dead(transaction.database());
  Reclaimed some;
  for (const RoundKey& round : selectAbandonedRounds(transaction.rows, dead, kRounds)) {
    const std::vector<ItemContent> own = identified(*parts_.environment, items);
    const bool isEnded = parts_.rounds.end(transaction, round, WorkflowStatus::error, own);
    if (isEnded) some.ended.push_back(round);
  }
  some.mayBeMore = some.ended.size() == kRounds;
  if (some.mayBeMore) return some;
  adoptQueued(transaction.rows, membership.instance(), dead);
  membership.forget(transaction.database(), dead);
  return some;
}

std::size_t Maintenance::indexMessages(std::size_t limit) {
  if (!hasPendingIn(everyTenant())) return 0;
  std::size_t indexed = 0;
  parts_.connections.write(everyTenant(), [&](Transaction& transaction) {
    indexed = indexPending(transaction.rows, limit);
  });
  return indexed;
}

bool Maintenance::sweepRemoved(std::size_t limit) {
  const auto id = parts_.connections.read(
      everyTenant(), [](ScopedConnection& rows) { return selectRemoved(rows); });
  if (!id) return false;
  forgetOrLeave([&](RemovedWords words) {
    parts_.connections.write(everyTenant(), [&](Transaction& transaction) {
      store::sweepRemoved(transaction.rows, *id, limit, words);
    });
  });
  return true;
}

bool Maintenance::sweepStartKeys(std::size_t limit) {
  const double now = parts_.environment->wallTime();
  const bool any = parts_.connections.read(
      everyTenant(), [&](ScopedConnection& rows) { return hasExpiredStarts(rows, now); });
  if (!any) return false;
  std::size_t deleted = 0;
  parts_.connections.write(everyTenant(), [&](Transaction& transaction) {
    deleted = deleteExpiredStarts(transaction.rows, now, limit);
  });
  return deleted == limit;
}

void Maintenance::indexForSearch(const Scope& scope) {
  constexpr std::size_t kPortion = 64;
  try {
    if (!hasPendingIn(scope)) return;
    parts_.connections.tryWrite(
        scope, [](Transaction& transaction) { indexPending(transaction.rows, kPortion); });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    if (!parts_.log) return;
    parts_.log(LogLevel::warning, "new messages could not be indexed for a search", {});
  }
}

bool Maintenance::hasPendingIn(const Scope& scope) {
  return parts_.connections.read(scope, [](ScopedConnection& rows) { return hasPending(rows); });
}

}  // namespace chatbot::store
