// Exact totals without counting the rows of each page again.
//
// A list's rows are counted once; from then on the total follows from what has changed since. Every
// change that can move a row into or out of a list has a version, from a counter in the database
// that triggers raise within the change's transaction, and is noted here with the row before and
// after it. A reader knows the version of the moment that it sees, and takes the total from a known
// one by the changes between the two, forward or back. Where a change is missing (another process
// has written, or too many have come since) it counts again. A version that goes back is of an
// older copy that has taken the database's place: nothing that was known holds any more.
//
// Costs: one row read for each page; kMaxChanges pairs of rows and kMaxTotals numbers of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "base/text_key.h"
#include "chatbot/access.h"
#include "chatbot/model.h"
#include "chatbot/query.h"

namespace chatbot::store {

// A row that was made (no `before`), changed or removed (no `after`).
struct RowChange {
  std::int64_t version = 0;
  std::optional<Workflow> before;
  std::optional<Workflow> after;
};

// Any thread.
class CountCache {
 public:
  static constexpr std::size_t kMaxTotals = 256;
  static constexpr std::size_t kMaxChanges = 1024;

  // A list, whatever its page and order. Borrowed for the call.
  struct Rows {
    const Scope& scope;
    std::string_view mode;
    const PageQuery& query;
  };

  // Whether a total can follow from noted changes. Appends are not noted: they move `lastActivity`
  // and add messages.
  static bool covers(const PageQuery& query) noexcept;

  // The newest version that was noted or counted at. Who reads the database after asking for it and
  // sees an older one has another database before it, as after a restore: then forget() what was
  // known of the first.
  std::int64_t newest() const;
  void forget();

  // In the order of their versions. Without memory for one, totals are counted again.
  void record(std::span<const RowChange> changes) noexcept;

  // The total at a version; nothing where it has to be counted.
  std::optional<std::int64_t> total(const Rows& rows, std::int64_t version);

  // A total that was counted.
  void keep(const Rows& rows, std::int64_t version, std::int64_t total);

 private:
  struct Total {
    std::int64_t version = 0;
    std::int64_t total = 0;
    std::uint64_t lastUse = 0;
  };

  std::optional<std::int64_t> difference(const Rows& rows, std::int64_t after,
                                         std::int64_t to) const;
  void add(const RowChange& change);
  void forgetOne() noexcept;

  mutable std::mutex mutex_;     // guards all that follows
  base::TextMap<Total> totals_;  // by list
  std::uint64_t uses_ = 0;
  std::int64_t newest_ = 0;
  std::deque<RowChange> changes_;  // of versions without a gap
};

}  // namespace chatbot::store
