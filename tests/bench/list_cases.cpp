#include "list_cases.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace chatbot::bench {
namespace {

constexpr const char* kBeginsAt = "{0} {1}= ? AND ({0} {1} ? OR id > ?)";

std::string rowsOf(const SqlCondition& allowed, const ListKind& kind) {
  return fmt::format("FROM workflow WHERE workflowMode = ? AND {} AND {}", allowed.text,
                     kind.filter);
}

std::string orderOf(const ListKind& kind) {
  return kind.byName ? " ORDER BY name, id" : " ORDER BY lastActivity DESC, id";
}

std::string positionOf(const ListKind& kind) {
  return kind.byName ? " AND " + fmt::format(fmt::runtime(kBeginsAt), "name", ">")
                     : " AND " + fmt::format(fmt::runtime(kBeginsAt), "lastActivity", "<");
}

Scope scopeOf(ListData& data, const ListLevel& level) {
  return {level.level, data.caller(level.role)};
}

}  // namespace

std::string paramsOf(const ListKind& kind, std::int64_t page) {
  return fmt::format(R"({{"page": {}, "pageSize": {}{}}})", page, kPageSize, kind.params);
}

std::string paramsOf(const ListKind& kind, const std::string& cursor) {
  return fmt::format(R"({{"cursor": "{}", "pageSize": {}{}}})", cursor, kPageSize, kind.params);
}

ListPage::ListPage(ListData& data, const ListLevel& level, const ListKind& kind, std::int64_t page)
    : kind_(kind), page_(page) {
  if (page == 1) return;
  const PageQuery query = PageQuery::parse(paramsOf(kind, page - 1), workflowSchema());
  WorkflowPage before = data.store().list(scopeOf(data, level), kChatbotMode, query);
  cursor_ = std::move(before.nextCursor);
  if (!before.items.empty()) before_ = std::move(before.items.back());
}

PlainList::PlainList(ListData& data, const ListLevel& level, const ListKind& kind)
    : byName_(kind.byName),
      values_{SqlValue(std::string(kChatbotMode))},
      rows_(rowsOf(scopeOf(data, level).condition(), kind)),
      begin_(data.plain(), "BEGIN"),
      commit_(data.plain(), "COMMIT"),
      count_(data.plain(), "SELECT count(*) " + rows_),
      byNumber_(data.plain(), "SELECT * " + rows_ + orderOf(kind) + " LIMIT ? OFFSET ?"),
      byCursor_(data.plain(), "SELECT * " + rows_ + positionOf(kind) + orderOf(kind) + " LIMIT ?") {
  std::ranges::move(scopeOf(data, level).condition().values, std::back_inserter(values_));
}

void PlainList::run(PlainStatement& statement, std::vector<SqlValue> more) {
  std::vector<SqlValue> values = values_;
  std::ranges::move(more, std::back_inserter(values));
  statement.run(values);
}

void PlainList::first() {
  begin_.run();
  run(byNumber_, {SqlValue(kPageSize), SqlValue(std::int64_t{0})});
  commit_.run();
}

void PlainList::counted() {
  begin_.run();
  run(count_);
  run(byNumber_, {SqlValue(kPageSize), SqlValue(std::int64_t{0})});
  commit_.run();
}

void PlainList::byNumber(const ListPage& page) {
  begin_.run();
  run(byNumber_, {SqlValue(kPageSize), SqlValue((page.page_ - 1) * kPageSize)});
  commit_.run();
}

void PlainList::byCursor(const ListPage& page) {
  const Workflow& before = page.before_;
  const SqlValue key = byName_ ? SqlValue(before.name) : SqlValue(before.lastActivity);
  begin_.run();
  run(byCursor_, {key, key, SqlValue(before.id), SqlValue(kPageSize)});
  commit_.run();
}

}  // namespace chatbot::bench
