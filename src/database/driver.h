// What the store needs of a database: connections that run statements.
//
// Statements are written once, in SQL that SQLite and PostgreSQL share, with `?` for each value.
// What cannot be shared is told by the connection's dialect (see database/dialect.h).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "chatbot/condition.h"
#include "chatbot/error.h"

namespace chatbot::database {

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

// Thrown (unavailable) where a transaction was undone by no fault of its own: another one stood in
// its way, or the connection was lost. The work may succeed when it is done again in a transaction
// of its own.
class UndoneError final : public Error {
 public:
  explicit UndoneError(Error error) : Error(std::move(error)) {}
};

// Thrown (internal) where a commit was sent and its answer is lost, and the server does not come
// back to be asked: what was written may be there, or not. Done again, it might be done twice.
class UnknownOutcome final : public Error {
 public:
  UnknownOutcome()
      : Error(ErrorCode::internal, "Whether the store has taken a change cannot be known") {}
};

class Dialect;

// One thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;

  virtual const Dialect& dialect() const noexcept = 0;

  // Runs one statement, prepared once and kept. Throws Error (unavailable, internal) or
  // std::bad_alloc; the statement has then changed nothing. One whose rows nobody wants need not
  // have been answered when this returns: settle() throws what it has failed with, as does
  // whatever waits for an answer before.
  virtual void run(std::string_view sql, std::span<const SqlValue> values, const OnRow& onRow) = 0;

  // Waits for the answers to all that was run.
  virtual void settle() = 0;

  // Runs several statements without values, which are not kept.
  virtual void runScript(const char* sql) = 0;

  // What is put off until those who wait for a commit have been told of it. A failure is tried
  // again the next time.
  virtual void maintain() noexcept = 0;

  // Begins a transaction that writes. Throws Error (unavailable).
  virtual void begin() = 0;

  // The same where that needs no waiting for another process. Returns whether it has.
  virtual bool tryBegin() = 0;

  // Begins a transaction all of whose reads are of one moment.
  virtual void beginRead() = 0;

  // Throws Error (unavailable) where the transaction has not been committed, or where that cannot
  // be known.
  virtual void commit() = 0;
  virtual void rollback() = 0;

  // False after a failure that has rolled the whole transaction back.
  virtual bool inTransaction() const noexcept = 0;

  // Waits until no other transaction holds `name`; it is held until this one ends. Nothing to do
  // where transactions that write go one after the other anyway.
  virtual void lock(std::string_view name) = 0;

  // The same where that needs no waiting. Returns whether it has.
  virtual bool tryLock(std::string_view name) = 0;

  void run(std::string_view sql) { run(sql, {}, {}); }
  void run(std::string_view sql, std::span<const SqlValue> values) { run(sql, values, {}); }
};

}  // namespace chatbot::database
