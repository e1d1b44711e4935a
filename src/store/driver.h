// What the store needs of a database: connections that run statements.
//
// Statements are written once, in SQL that SQLite and PostgreSQL share, with `?` for each value.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "chatbot/condition.h"
#include "chatbot/error.h"

namespace chatbot::store {

// One row of a result. Columns count from 0; texts live until the row callback returns.
class Row {
 public:
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual bool isNull(int column) const = 0;

 protected:
  ~Row() = default;
};

// Returns whether to go on to the next row.
using OnRow = std::function<bool(const Row&)>;

// Thrown (unavailable) where the database may not grow any more.
class FullError final : public Error {
 public:
  explicit FullError(Error error) : Error(std::move(error)) {}
};

// One thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one statement, prepared once and kept. Throws Error (unavailable, internal) or
  // std::bad_alloc; the statement has then changed nothing.
  virtual void run(std::string_view sql, std::span<const SqlValue> values, const OnRow& onRow) = 0;

  // Runs several statements without values, which are not kept.
  virtual void runScript(const char* sql) = 0;

  // What is put off until those who wait for a commit have been told of it. A failure is tried
  // again the next time.
  virtual void maintain() noexcept = 0;

  // Begins a transaction that writes, where that needs no waiting for another process. Returns
  // whether it has.
  virtual bool tryBegin() = 0;

  // False after a failure that has rolled the whole transaction back.
  virtual bool inTransaction() const noexcept = 0;

  void run(std::string_view sql) { run(sql, {}, {}); }
  void run(std::string_view sql, std::span<const SqlValue> values) { run(sql, values, {}); }
};

}  // namespace chatbot::store
