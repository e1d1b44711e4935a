// Pages of workflows: their rows, their exact totals, and the cursors between them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/store.h"
#include "query/cursor.h"
#include "store/count_cache.h"
#include "store/scoped.h"

namespace chatbot::store {

// The workflows of a list, whatever its order and page. Borrowed for the call.
struct Selection {
  std::string_view mode;
  const PageQuery& query;
};

// The order of a list whose client has asked for no order.
const std::vector<SortKey>& newestFirst();

std::int64_t countWorkflows(ScopedConnection& connection, const Selection& selection);

inline constexpr std::int64_t kEveryRow = std::numeric_limits<std::int64_t>::max();

struct WorkflowRange {
  std::int64_t limit = 0;   // or kEveryRow
  std::int64_t offset = 0;  // of the rows after the query's position, if it has one
  Direction direction = Direction::forward;  // backward: from the last row on
};
std::vector<Workflow> selectWorkflows(ScopedConnection& connection, const Selection& selection,
                                      const WorkflowRange& range);

// A list whose cursor, if it has one, is valid.
struct OpenedList {
  std::string_view mode;
  PageQuery query;
};

// Any thread.
class Lists {
 public:
  Lists(std::string secret, std::shared_ptr<Environment> environment)
      : signer_(std::move(secret)), environment_(std::move(environment)) {}

  // Throws Error (invalidArgument) for a cursor of another list or caller, or one that is too old.
  OpenedList open(const Scope& scope, std::string_view mode, const PageQuery& query) const;

  // Within the connection's read transaction.
  WorkflowPage page(database::Connection& connection, const Scope& scope, const OpenedList& list);

  // Changes that were committed.
  void record(std::span<const RowChange> changes) noexcept { totals_.record(changes); }

 private:
  std::int64_t total(database::Connection& connection, const Scope& scope, const OpenedList& list);
  std::string cursorAfter(const Workflow& last, const Scope& scope, const OpenedList& list) const;

  query::CursorSigner signer_;
  std::shared_ptr<Environment> environment_;
  CountCache totals_;
};

}  // namespace chatbot::store
