// A database in memory, spoken to directly: what a condition of ours means to SQLite itself.
#pragma once

#include <sqlite3.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/text.h"
#include "chatbot/condition.h"

namespace chatbot::test {

class MemoryDatabase {
 public:
  MemoryDatabase() {
    check(sqlite3_open(":memory:", &database_));
    define<base::containsFolded>("chatbot_contains");
    define<base::startsWithFolded>("chatbot_starts_with");
    define<base::endsWithFolded>("chatbot_ends_with");
  }
  ~MemoryDatabase() { sqlite3_close(database_); }
  MemoryDatabase(const MemoryDatabase&) = delete;
  MemoryDatabase& operator=(const MemoryDatabase&) = delete;

  // Runs one statement and returns the last column of its rows as text.
  std::vector<std::string> run(const std::string& sql, const std::vector<SqlValue>& values = {}) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement,
                             nullptr));
    for (std::size_t i = 0; i < values.size(); ++i) {
      bind(statement, static_cast<int>(i) + 1, values[i]);
    }
    std::vector<std::string> rows;
    int status = SQLITE_ROW;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) rows.push_back(lastColumn(statement));
    sqlite3_finalize(statement);
    if (status != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    return rows;
  }

 private:
  using Match = bool (*)(std::string_view text, std::string_view foldedNeedle);

  static std::string_view textOf(sqlite3_value* value) {
    const void* bytes = sqlite3_value_text(value);
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
  }

  template <Match match>
  void define(const char* name) {
    const auto call = [](sqlite3_context* context, int, sqlite3_value** arguments) {
      if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
      sqlite3_result_int(context, match(textOf(arguments[0]), textOf(arguments[1])) ? 1 : 0);
    };
    check(sqlite3_create_function(database_, name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                                  call, nullptr, nullptr));
  }

  static std::string lastColumn(sqlite3_stmt* statement) {
    const int last = sqlite3_column_count(statement) - 1;
    const void* bytes = sqlite3_column_text(statement, last);
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, last))};
  }

  void bind(sqlite3_stmt* statement, int place, const SqlValue& value) {
    std::visit(
        [&](const auto& known) {
          using T = std::decay_t<decltype(known)>;
          if constexpr (std::is_same_v<T, std::int64_t>) {
            check(sqlite3_bind_int64(statement, place, known));
          } else if constexpr (std::is_same_v<T, double>) {
            check(sqlite3_bind_double(statement, place, known));
          } else if constexpr (std::is_same_v<T, std::string>) {
            check(sqlite3_bind_text(statement, place, known.data(), static_cast<int>(known.size()),
                                    SQLITE_STATIC));
          }
        },
        value);
  }

  void check(int status) {
    if (status != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }

  sqlite3* database_ = nullptr;
};

}  // namespace chatbot::test
