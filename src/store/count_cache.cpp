#include "store/count_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "base/encoding.h"
#include "base/text_key.h"
#include "query/row_table.h"

namespace chatbot::store {
namespace {

// The key has the length of each part, so that no two lists have the same key. It is a digest,
// because filters may be long.
std::string keyOf(const CountCache::Rows& rows) {
  const Scope& scope = rows.scope;
  const std::string owner = base::ownerKey(scope.mandateId(), scope.userId());
  return base::sha256(fmt::format("{} {}:{} {}:{} {}", toText(scope.level()), owner.size(), owner,
                                  rows.mode.size(), rows.mode, rows.query.filtersText()));
}

std::int64_t countOf(const CountCache::Rows& rows, const std::optional<Workflow>& workflow) {
  if (!workflow || workflow->workflowMode != rows.mode) return 0;
  if (!rows.scope.allows(workflow->mandateId, workflow->createdBy)) return 0;
  return rows.query.fits([&](const Field& field) { return query::valueOf(*workflow, field); }) ? 1
                                                                                               : 0;
}

}  // namespace

bool CountCache::covers(const PageQuery& query) noexcept {
  return !query.asksFor("lastActivity") && !query.searchesMessages();
}

void CountCache::record(std::span<const RowChange> changes) noexcept {
  const std::lock_guard lock(mutex_);
  for (const RowChange& change : changes) {
    try {
      add(change);
    } catch (const std::bad_alloc&) {
      totals_.clear();
      changes_.clear();
    }
  }
}

void CountCache::add(const RowChange& change) {
  // A version that comes again is of a database that was put in the place of the one known here.
  const bool isKnown = !changes_.empty() && change.version <= changes_.back().version;
  if (isKnown || change.version < newest_) totals_.clear();
  newest_ = change.version;
  if (!changes_.empty() && changes_.back().version + 1 != change.version) changes_.clear();
  changes_.push_back(change);
  if (changes_.size() > kMaxChanges) changes_.pop_front();
}

std::int64_t CountCache::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void CountCache::forget() {
  const std::lock_guard lock(mutex_);
  totals_.clear();
  changes_.clear();
  newest_ = 0;
}

// Returns how much the total at version `to` exceeds the total at the earlier version `after`.
std::optional<std::int64_t> CountCache::difference(const Rows& rows, std::int64_t after,
                                                   std::int64_t to) const {
  if (after == to) return 0;
  if (changes_.empty()) return std::nullopt;
  const std::int64_t first = changes_.front().version;
  if (first > after + 1 || changes_.back().version < to) return std::nullopt;
  std::int64_t difference = 0;
  for (std::int64_t version = after + 1; version <= to; ++version) {
    const RowChange& change = changes_[static_cast<std::size_t>(version - first)];
    difference += countOf(rows, change.after) - countOf(rows, change.before);
  }
  return difference;
}

std::optional<std::int64_t> CountCache::total(const Rows& rows, std::int64_t version) {
  const std::string key = keyOf(rows);
  const std::lock_guard lock(mutex_);
  const auto found = totals_.find(key);
  if (found == totals_.end()) return std::nullopt;
  Total& known = found->second;
  known.lastUse = ++uses_;
  if (version < known.version) {
    const std::optional<std::int64_t> since = difference(rows, version, known.version);
    return since ? std::optional(known.total - *since) : std::nullopt;
  }
  const std::optional<std::int64_t> since = difference(rows, known.version, version);
  if (!since) return std::nullopt;
  known.version = version;
  known.total += *since;
  return known.total;
}

void CountCache::keep(const Rows& rows, std::int64_t version, std::int64_t total) {
  const std::string key = keyOf(rows);
  const std::lock_guard lock(mutex_);
  newest_ = std::max(newest_, version);
  Total& known = totals_[key];
  known = {.version = version, .total = total, .lastUse = ++uses_};
  if (totals_.size() > kMaxTotals) forgetOne();
}

// Finds the total that has not been asked for longest.
void CountCache::forgetOne() noexcept {
  const auto longest =
      std::ranges::min_element(totals_, {}, [](const auto& entry) { return entry.second.lastUse; });
  totals_.erase(longest);
}

}  // namespace chatbot::store
