// The connections of an open store: one that writes, and a pool of those that read.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "chatbot/store_options.h"
#include "database/database.h"
#include "database/driver.h"
#include "store/scoped.h"
#include "store/settings.h"
#include "store/writer.h"

namespace chatbot::store {

// Any thread. Waits for a connection when all are in use, `patience` at most.
class ReaderPool {
 public:
  using Open = std::function<std::unique_ptr<database::Connection>()>;

  // Opens connections when they are first needed, `limit` at most.
  ReaderPool(Open open, std::size_t limit, std::chrono::milliseconds patience);

  // Runs `work` on a connection, within one read transaction: all that it reads is of one moment.
  // Where the connection is lost meanwhile, once more.
  void read(const std::function<void(database::Connection&)>& work);

 private:
  class Lease;
  static void readOn(database::Connection& connection,
                     const std::function<void(database::Connection&)>& work);
  std::unique_ptr<database::Connection> acquire();
  void release(std::unique_ptr<database::Connection> connection) noexcept;

  Open open_;
  std::size_t limit_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;  // guards all that follows
  std::condition_variable released_;
  std::vector<std::unique_ptr<database::Connection>> idle_;
  std::size_t opened_ = 0;
};

// A transaction that writes within a scope, and the changes that follow from its commit. Used by
// the thread that runs the work that it is given to.
class Transaction {
 public:
  Transaction(database::Connection& connection, const Scope& scope, Changes& changes)
      : rows(connection, scope), connection_(connection), changes_(changes) {}

  ScopedConnection rows;

  // For what the database holds beside tenants' rows.
  database::Connection& database() const noexcept { return connection_; }

  Changes& changes() const noexcept { return changes_; }

  // Hands a change to the listener once it is committed.
  void publish(CommittedChange change) { changes_.published.push_back(std::move(change)); }

  // Records a row that the latest statement on workflows has made, changed or removed, for the
  // totals of lists. Lists are counted again after a change that is not recorded.
  void record(std::optional<Workflow> before, std::optional<Workflow> after) {
    if (const std::optional<std::int64_t> version = selectVersion(connection_)) {
      changes_.rows.push_back({*version, std::move(before), std::move(after)});
    }
  }

 private:
  database::Connection& connection_;
  Changes& changes_;
};

// Any thread. Each call runs `work` in one transaction on the calling thread, or on that of another
// writer that waits at the same time, and returns when it has ended. A `work` that writes may run
// more than once before it is committed (see Writer).
class Connections {
 public:
  // Opens the connection that writes and brings the schema up to date. Throws as Store::open does.
  Connections(const std::shared_ptr<database::Database>& database, const StoreOptions& options);

  // Set before the first write; see Writer.
  void onCommit(Writer::Listener listener) { writer_.onCommit(std::move(listener)); }

  // `work` is given a ScopedConnection; returns its result.
  template <typename Work>
  std::invoke_result_t<Work, ScopedConnection&> read(const Scope& scope, const Work& work) {
    return readUnscoped([&](database::Connection& connection) {
      ScopedConnection rows(connection, scope);
      return work(rows);
    });
  }

  // `work` is given a database::Connection, for tables that belong to no tenant.
  template <typename Work>
  std::invoke_result_t<Work, database::Connection&> readUnscoped(const Work& work) {
    std::optional<std::invoke_result_t<Work, database::Connection&>> result;
    readers_.read([&](database::Connection& connection) { result.emplace(work(connection)); });
    return *std::move(result);
  }

  // `work` is given a Transaction.
  template <typename Work>
  void write(const Scope& scope, const Work& work) {
    writer_.write([&](database::Connection& connection, Changes& changes) {
      Transaction transaction(connection, scope, changes);
      work(transaction);
    });
  }

  // The same, unless another process holds the database's lock: then it returns at once.
  template <typename Work>
  void tryWrite(const Scope& scope, const Work& work) {
    writer_.tryWrite([&](database::Connection& connection, Changes& changes) {
      Transaction transaction(connection, scope, changes);
      work(transaction);
    });
  }

  // `work` is given a database::Connection and the Changes.
  template <typename Work>
  void writeUnscoped(const Work& work) {
    writer_.write(work);
  }

 private:
  Writer writer_;  // made before the readers and gone after them: it is the last to close
  ReaderPool readers_;
};

}  // namespace chatbot::store
