#include "store/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "database/dialect.h"
#include "query/row_table.h"
#include "store/search/message_index.h"
#include "store/settings.h"
#include "store/workflow_columns.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

SqlPart filtersOf(ScopedConnection& connection, const PageQuery& query) {
  const database::Dialect& dialect = connection.dialect();
  const auto messages = [&](std::string_view text) {
    return messagesMatch(dialect.words(), connection.scope(), text);
  };
  const Folding folding = dialect.storesFolded() ? Folding::inColumns : Folding::inFunctions;
  return {"filters", query.where(messages, folding)};
}

struct PageRows {
  std::vector<Workflow> rows;
  bool isLast = true;
};

// One row more than the page has tells whether another page follows.
PageRows rowsByCursor(ScopedConnection& connection, const Selection& selection) {
  const std::int64_t size = selection.query.pageSize();
  PageRows page{.rows = selectWorkflows(connection, selection, {.limit = size + 1})};
  page.isLast = std::ssize(page.rows) <= size;
  if (!page.isLast) page.rows.pop_back();
  return page;
}

// A page in the second half is read from the end, so that no page skips more than half of the rows.
PageRows rowsByNumber(ScopedConnection& connection, const Selection& selection,
                      std::int64_t total) {
  const std::int64_t first = std::min(selection.query.offset(), total);
  const std::int64_t size = std::min(selection.query.pageSize(), total - first);
  const std::int64_t rest = total - first - size;
  if (size == 0) return {};
  if (first <= rest) {
    return {selectWorkflows(connection, selection, {.limit = size, .offset = first}), rest == 0};
  }
  PageRows page{
      .rows = selectWorkflows(connection, selection,
                              {.limit = size, .offset = rest, .direction = Direction::backward}),
      .isLast = rest == 0};
  std::ranges::reverse(page.rows);
  return page;
}

// The texts that a cursor of the list is signed with. They are borrowed from the arguments;
// `order` is the list's.
std::array<std::string_view, 5> bindingOf(const Scope& scope, const OpenedList& list,
                                          const std::string& order) {
  return {scope.mandateId(), scope.userId(), list.mode, order, list.query.filtersText()};
}

std::string orderOf(const OpenedList& list) { return list.query.orderBy(newestFirst()); }

}  // namespace

const std::vector<SortKey>& newestFirst() {
  static const std::vector<SortKey> order = {
      {.field = *findField(workflowSchema(), "lastActivity"), .descending = true}};
  return order;
}

std::int64_t countWorkflows(ScopedConnection& connection, const Selection& selection) {
  return connection
      .query("SELECT count(*) FROM workflow WHERE workflowMode = ? AND {scope} AND {filters}",
             selection.mode, filtersOf(connection, selection.query))
      .first(database::integerOf)
      .value_or(0);
}

// The number of rows is in the text, where PostgreSQL plans by it, once for all values.
std::vector<Workflow> selectWorkflows(ScopedConnection& connection, const Selection& selection,
                                      const WorkflowRange& range) {
  const PageQuery& query = selection.query;
  SqlCondition offset;
  if (range.offset > 0) offset = {" OFFSET ?", {range.offset}};
  return connection
      .query(
          "SELECT {columns} FROM workflow WHERE workflowMode = ? AND {scope} AND {filters} "
          "AND {after} ORDER BY {order} LIMIT {limit}{offset}",
          selection.mode, filtersOf(connection, query),
          SqlPart{"after", query.after(newestFirst())},
          SqlPart{"order", {query.orderBy(newestFirst(), range.direction), {}}},
          SqlPart{"limit", {fmt::format("{}", range.limit), {}}},
          SqlPart{"offset", std::move(offset)})
      .all(readWorkflow);
}

OpenedList Lists::open(const Scope& scope, std::string_view mode, const PageQuery& query) const {
  OpenedList list{mode, query};
  if (query.cursor().empty()) return list;
  const std::string order = orderOf(list);
  list.query.startAfter(signer_.open(query.cursor(), bindingOf(scope, list, order),
                                     query.keys(newestFirst()), environment_->wallTime()));
  return list;
}

std::int64_t Lists::total(database::Connection& connection, const Scope& scope,
                          const OpenedList& list) {
  ScopedConnection rows(connection, scope);
  const Selection selection{list.mode, list.query};
  if (!CountCache::covers(list.query)) return countWorkflows(rows, selection);
  const CountCache::Rows counted{scope, list.mode, list.query};
  const std::int64_t newest = totals_.newest();
  const std::optional<std::int64_t> version = selectVersion(connection);
  if (!version) return countWorkflows(rows, selection);
  if (*version < newest) totals_.forget();
  if (const std::optional<std::int64_t> known = totals_.total(counted, *version)) return *known;
  const std::int64_t total = countWorkflows(rows, selection);
  totals_.keep(counted, *version, total);
  return total;
}

std::string Lists::cursorAfter(const Workflow& last, const Scope& scope,
                               const OpenedList& list) const {
  CursorPosition position{.values = {}, .page = list.query.page() + 1};
  for (const SortKey& key : list.query.keys(newestFirst())) {
    position.values.push_back(query::valueOf(last, key.field));
  }
  const std::string order = orderOf(list);
  return signer_.sign(position, bindingOf(scope, list, order), environment_->wallTime());
}

WorkflowPage Lists::page(database::Connection& connection, const Scope& scope,
                         const OpenedList& list) {
  ScopedConnection rows(connection, scope);
  const Selection selection{list.mode, list.query};
  WorkflowPage page;
  page.page = list.query.page();
  page.totalItems = total(connection, scope, list);
  PageRows found = list.query.cursor().empty() ? rowsByNumber(rows, selection, page.totalItems)
                                               : rowsByCursor(rows, selection);
  page.items = std::move(found.rows);
  if (found.isLast || page.items.empty()) return page;
  page.nextCursor = cursorAfter(page.items.back(), scope, list);
  return page;
}

}  // namespace chatbot::store

std::string chatbot::pageJson(const PageQuery& query, const WorkflowPage& page) {
  return paginationJson(
      query, {.page = page.page, .totalItems = page.totalItems, .nextCursor = page.nextCursor});
}
