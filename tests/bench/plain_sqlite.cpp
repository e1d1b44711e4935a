#include "plain_sqlite.h"

#include <stdexcept>
#include <variant>

namespace chatbot::bench {
namespace {

void check(int result, sqlite3* database) {
  if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database));
}

struct Bind {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(const std::string& value) const {
    return sqlite3_bind_text(statement, index, value.data(), static_cast<int>(value.size()),
                             SQLITE_STATIC);
  }
};

std::int64_t readColumn(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
      return static_cast<std::int64_t>(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
      return 0;
    default:
      return sqlite3_column_text(statement, column)[0] + sqlite3_column_bytes(statement, column);
  }
}

}  // namespace

PlainStatement::PlainStatement(PlainSqlite& database, const std::string& sql) {
  check(sqlite3_prepare_v3(database.database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                           &statement_, nullptr),
        database.database_);
}

PlainStatement::~PlainStatement() { sqlite3_finalize(statement_); }

std::int64_t PlainStatement::run(std::span<const SqlValue> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::visit(Bind{statement_, static_cast<int>(i) + 1}, values[i]);
  }
  std::int64_t sum = 0;
  const int columns = sqlite3_column_count(statement_);
  while (sqlite3_step(statement_) == SQLITE_ROW) {
    for (int column = 0; column < columns; ++column) sum += readColumn(statement_, column);
  }
  check(sqlite3_reset(statement_), sqlite3_db_handle(statement_));
  return sum;
}

PlainSqlite::PlainSqlite(const std::string& path) {
  check(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        nullptr),
        database_);
  check(sqlite3_exec(database_, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", nullptr,
                     nullptr, nullptr),
        database_);
}

PlainSqlite::~PlainSqlite() { sqlite3_close_v2(database_); }

}  // namespace chatbot::bench
