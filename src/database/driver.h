// Connections that run statements, one interface for all databases.
//
// Statements are written once, in SQL that SQLite and PostgreSQL share, with `?` for each value.
// SQL that cannot be shared comes from the connection's dialect (see database/dialect.h).
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "chatbot/error.h"
#include "database/rows.h"

namespace chatbot::database {

// Thrown (unavailable) where the database may not grow any more.
class FullError final : public Error {
 public:
  explicit FullError(Error error) : Error(std::move(error)) {}
};

// Thrown (unavailable) where a transaction was undone by no fault of its own: another one stood in
// its way, or the connection was lost. The work may succeed when it is done again in a transaction
// of its own.
class UndoneError final : public Error {
 public:
  explicit UndoneError(Error error) : Error(std::move(error)) {}
};

class Dialect;

// Used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual const Dialect& dialect() const noexcept = 0;

  // Runs a statement whose rows, if it has any, nobody wants, with a value for each `?`.
  template <typename... Values>
  void run(std::string_view sql, const Values&... values) {
    const std::array<SqlView, sizeof...(Values)> bound = {viewOf(values)...};
    execute(sql, bound);
  }

  // Runs a statement whose rows are read. Texts among the values outlive the rows.
  template <typename... Values>
  [[nodiscard]] Rows query(std::string_view sql, Values&&... values) {
    static_assert((!TemporaryText<Values> && ...), "the text is gone before the rows are read");
    const std::array<SqlView, sizeof...(Values)> bound = {viewOf(values)...};
    return Rows(open(sql, bound));
  }

  // The driver's part of run() and query(). Statements are prepared once and kept. Each throws
  // Error (unavailable, internal) or std::bad_alloc; the statement has then changed nothing. One
  // that was executed need not have been answered when this returns: drain() throws what it has
  // failed with, as does whatever waits for an answer before.
  virtual void execute(std::string_view sql, std::span<const SqlView> values) = 0;
  virtual std::unique_ptr<Cursor> open(std::string_view sql, std::span<const SqlView> values) = 0;

  // Waits for the answers to all that was run.
  virtual void drain() = 0;

  // Runs several statements without values, which are not kept.
  virtual void runScript(const char* sql) = 0;

  // Writes the write-ahead log back into the database, where there is one and it has grown. Called
  // when those who wait for a commit have been told of it. After a failure the next call tries
  // again.
  virtual void checkpoint() noexcept = 0;

  // Begins a transaction that writes. Throws Error (unavailable).
  virtual void begin() = 0;

  // Begins where that needs no waiting for another process; otherwise returns false.
  virtual bool tryBegin() = 0;

  // Begins a transaction all of whose reads are of one moment.
  virtual void beginRead() = 0;

  // Throws Error (unavailable) where the transaction has not been committed, and Error
  // (outcomeUnknown) where the answer is lost and the server does not come back to be asked.
  virtual void commit() = 0;
  virtual void rollback() = 0;

  // False after a failure that has rolled the whole transaction back.
  virtual bool inTransaction() const noexcept = 0;

  // Waits until no other transaction holds `name`; it is held until this one ends. Nothing to do
  // where transactions that write go one after the other anyway.
  virtual void lock(std::string_view name) = 0;

  // Locks where that needs no waiting; otherwise returns false.
  virtual bool tryLock(std::string_view name) = 0;
};

// Rolls back, at its end, what has begun on the connection and was not committed. One that cannot
// be rolled back makes the next transaction fail, whose caller is told.
class TransactionGuard {
 public:
  explicit TransactionGuard(Connection& connection) : connection_(connection) {}
  ~TransactionGuard() {
    if (!connection_.inTransaction()) return;
    try {
      connection_.rollback();
    } catch (...) {  // see above
    }
  }
  TransactionGuard(const TransactionGuard&) = delete;
  TransactionGuard& operator=(const TransactionGuard&) = delete;

 private:
  Connection& connection_;
};

}  // namespace chatbot::database
