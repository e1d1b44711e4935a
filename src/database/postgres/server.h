// Reaches the PostgreSQL server of a store, and waits for its answers without blocking for good.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>

#include "chatbot/environment.h"
#include "chatbot/error.h"
#include "chatbot/log.h"
#include "chatbot/store_options.h"

namespace chatbot::database {

struct CloseConnection {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using PostgresHandle = std::unique_ptr<PGconn, CloseConnection>;

struct ClearResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

// The error that clients are told while there is no server.
Error unreachable();

// Any thread.
class PostgresServer {
 public:
  PostgresServer(const StoreOptions& options, std::shared_ptr<Environment> environment,
                 LogFunction log);

  // A new connection with the library's settings. Throws Error (unavailable) where the server does
  // not take one, and at once for a while after that: 0.1 s at first, up to 1 s.
  PostgresHandle connect();

  // The first connection, whose failure the host is told in full.
  PostgresHandle connectFirst();

  // Whether the transaction was committed, asked on a new connection until it is known. Throws
  // Error (outcomeUnknown) where that takes too long.
  bool wasCommitted(const std::string& transaction);

  // How long an answer is waited for.
  std::chrono::milliseconds patience() const noexcept { return patience_; }

  void log(LogLevel level, std::string_view message, std::string_view reason) const;

 private:
  PostgresHandle open() const;
  void noteFailure();
  void noteSuccess();

  const std::string address_;
  const std::string settings_;
  const std::chrono::milliseconds patience_;
  const std::shared_ptr<Environment> environment_;
  const LogFunction log_;
  std::mutex mutex_;
  Instant retryAt_;                     // guarded by mutex_
  std::chrono::milliseconds delay_{0};  // guarded by mutex_
};

using Deadline = std::chrono::steady_clock::time_point;

enum class Waited { done, lost, tooLong };

// Sends what is still to be sent, and reads until PQgetResult has an answer without waiting.
Waited awaitAnswer(PGconn* connection, Deadline deadline) noexcept;

// Runs statements outside of the pipeline, several of them only without values. The answer to the
// last one, or the first failure; null where none has come by the deadline.
PostgresResult execute(PGconn* connection, const char* sql,
                       std::initializer_list<const char*> values, Deadline deadline);

}  // namespace chatbot::database
