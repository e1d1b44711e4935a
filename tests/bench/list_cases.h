// Which lists are measured, in the words of clients and of plain SQLite.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chatbot/access.h"
#include "chatbot/query.h"
#include "list_data.h"

namespace chatbot::bench {

inline constexpr std::int64_t kPageSize = 20;

// Who asks.
struct ListLevel {
  Level level;
  const char* name;
  const char* role;  // that has this level by the standard rules
};
inline constexpr std::array kListLevels = {ListLevel{Level::my, "my", "user"},
                                           ListLevel{Level::group, "group", "admin"},
                                           ListLevel{Level::all, "all", "sysadmin"}};

struct ListKind {
  const char* name;
  const char* params;  // sort and filters
  const char* filter;  // the same in SQL
  bool byName;         // else the newest activity comes first
};
inline constexpr std::array kListKinds = {
    ListKind{"newest first", "", "1", false},
    ListKind{"status is completed", R"(, "filters": {"status": "completed"})",
             "status = 'completed'", false},
    ListKind{"name contains market",
             R"(, "filters": {"name": {"operator": "contains", "value": "market"}})",
             "name LIKE '%market%'", false},
    ListKind{"by name", R"(, "sort": [{"field": "name", "direction": "asc"}])", "1", true},
};

std::string paramsOf(const ListKind& kind, std::int64_t page);
std::string paramsOf(const ListKind& kind, const std::string& cursor);

// A page of a list, by its number and by the cursor of the page before.
class ListPage {
 public:
  ListPage(ListData& data, const ListLevel& level, const ListKind& kind, std::int64_t page);

  std::string byNumber() const { return paramsOf(kind_, page_); }
  std::string byCursor() const { return paramsOf(kind_, cursor_); }
  bool hasCursor() const { return !cursor_.empty(); }

 private:
  friend class PlainList;

  const ListKind& kind_;
  std::int64_t page_;
  std::string cursor_;
  Workflow before_;  // the last row of the page before
};

// The same list in plain statements, each in a transaction of its own.
class PlainList {
 public:
  PlainList(ListData& data, const ListLevel& level, const ListKind& kind);

  void first();
  void counted();  // the first page, and how many rows there are
  void byNumber(const ListPage& page);
  void byCursor(const ListPage& page);

 private:
  void run(PlainStatement& statement, std::vector<SqlValue> more = {});

  bool byName_;
  std::vector<SqlValue> values_;  // of the scope
  std::string rows_;
  PlainStatement begin_, commit_, count_, byNumber_, byCursor_;
};

}  // namespace chatbot::bench
