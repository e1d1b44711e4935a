// SQLite used directly, with the library's own statements: what the library is measured against.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <string>

#include "chatbot/condition.h"

namespace chatbot::bench {

class PlainSqlite;

// A prepared statement.
class PlainStatement {
 public:
  PlainStatement(PlainSqlite& database, const std::string& sql);
  ~PlainStatement();
  PlainStatement(const PlainStatement&) = delete;
  PlainStatement& operator=(const PlainStatement&) = delete;

  // Runs it to its end and reads every column of every row by its type. Returns the bytes and
  // numbers read, added up.
  std::int64_t run(std::span<const SqlValue> values = {});

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// A connection to a database that the store has made, with the store's settings.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path);
  ~PlainSqlite();
  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;

 private:
  friend class PlainStatement;
  sqlite3* database_ = nullptr;
};

}  // namespace chatbot::bench
