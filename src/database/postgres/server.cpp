#include "database/postgres/server.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "database/driver.h"
#include "database/postgres/connection.h"
#include "database/postgres/database.h"

namespace chatbot::database {
namespace {

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kLongestDelay{1000};

// The time that a statement may take, not counting its wait for other transactions' locks.
constexpr std::chrono::milliseconds kSlowestStatement{5'000};

// The time to wait for the settings of a new connection, and for the fate of a transaction.
constexpr std::chrono::seconds kPatience{5};

Deadline soon() { return std::chrono::steady_clock::now() + kPatience; }

// The server ends a transaction that its host leaves idle, as a host that was stopped, because
// others wait for its locks. The host does it again.
std::string settingsFor(const StoreOptions& options) {
  const bool full = options.synchronous == StoreOptions::Synchronous::full;
  return fmt::format(
      "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; "
      "SET client_min_messages = error; {}",
      options.busyTimeout.count(), std::max<std::int64_t>(options.lease.count() / 4, 1),
      full ? "SET synchronous_commit = on;" : "");
}

// libpq ends its messages with a newline.
std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

// Where a password has a slash, what stands before that is taken for the port.
bool hasPorts(const PQconninfoOption* options) {
  while (options->keyword != nullptr && std::string_view(options->keyword) != "port") ++options;
  if (options->keyword == nullptr || options->val == nullptr) return true;
  return std::string_view(options->val).find_first_not_of("0123456789,") == std::string::npos;
}

// libpq's own words for a URL that it cannot read may be a part of the password.
void requireReadable(const std::string& address) {
  struct FreeOptions {
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
  };
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(address.c_str(), &reason));
  PQfreemem(reason);
  if (parsed != nullptr && hasPorts(parsed.get())) return;
  throw Error(ErrorCode::invalidArgument,
              "the PostgreSQL URL cannot be read; signs in its password may have to be written as "
              "% and two digits");
}

// The words of messages are UTF-8.
void requireUsable(PGconn* connection) {
  const char* const found = PQparameterStatus(connection, "server_encoding");
  const std::string_view encoding = found == nullptr ? "" : found;
  if (encoding != "UTF8" && encoding != "SQL_ASCII") {
    throw Error(ErrorCode::unsupported, fmt::format("its encoding is {}, not UTF8", encoding));
  }
  const PostgresResult state = execute(
      connection, "SELECT current_schema() IS NULL, current_setting('transaction_read_only')", {},
      soon());
  if (PQresultStatus(state.get()) != PGRES_TUPLES_OK) throw unreachable();
  if (*PQgetvalue(state.get(), 0, 0) == 't') {
    throw Error(ErrorCode::unavailable, "its search_path names no schema that there is");
  }
  if (std::string_view(PQgetvalue(state.get(), 0, 1)) == "on") {
    throw Error(ErrorCode::unavailable, "it cannot be written");
  }
}

bool waitFor(int socket, short events, Deadline deadline) noexcept {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    struct pollfd look = {socket, events, 0};
    const int ready = poll(&look, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool isFailure(const PGresult* result) noexcept {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

// Knows nothing of processes on other machines: an instance's lease alone decides.
class LeaseAlone final : public InstanceLock {
 public:
  void hold(std::int64_t) override {}
  bool isHeld(std::int64_t) const noexcept override { return true; }
  bool isExact() const noexcept override { return false; }
};

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(std::shared_ptr<PostgresServer> server) : server_(std::move(server)) {}

  std::unique_ptr<Connection> openWriter() override {
    return openPostgres(server_, server_->connectFirst());
  }

  std::unique_ptr<Connection> openReader() override {
    return openPostgres(server_, server_->connect());
  }

  std::unique_ptr<InstanceLock> openInstanceLock() override {
    return std::make_unique<LeaseAlone>();
  }

  bool isShared() const noexcept override { return true; }

  std::unique_ptr<Wakeups> openWakeups(OnWake onWake) override {
    return postgresWakeups(server_, std::move(onWake));
  }

 private:
  const std::shared_ptr<PostgresServer> server_;
};

}  // namespace

Error unreachable() {
  return Error(ErrorCode::unavailable, "The store cannot be reached").withRetryAfter(5);
}

PostgresServer::PostgresServer(const StoreOptions& options,
                               std::shared_ptr<Environment> environment, LogFunction log)
    : address_(options.path),
      settings_(settingsFor(options)),
      patience_(options.busyTimeout + kSlowestStatement),
      environment_(std::move(environment)),
      log_(std::move(log)) {}

// The options before the address are defaults: the address overrides them.
PostgresHandle PostgresServer::open() const {
  constexpr std::array kKeys = {"fallback_application_name",
                                "connect_timeout",
                                "keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "dbname",
                                static_cast<const char*>(nullptr)};
  const std::array values = {
      "chatbot", "5", "5", "2", "3", "10000", address_.c_str(), static_cast<const char*>(nullptr)};
  PostgresHandle handle(PQconnectdbParams(kKeys.data(), values.data(), 1));
  if (handle == nullptr) throw std::bad_alloc();
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    throw Error(ErrorCode::unavailable, trimmed(PQerrorMessage(handle.get())));
  }
  PQsetNoticeProcessor(
      handle.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(handle.get(), 1);
  const PostgresResult set = execute(handle.get(), settings_.c_str(), {}, soon());
  if (PQresultStatus(set.get()) != PGRES_COMMAND_OK) {
    throw Error(ErrorCode::unavailable, trimmed(PQerrorMessage(handle.get())));
  }
  return handle;
}

PostgresHandle PostgresServer::connectFirst() {
  requireReadable(address_);
  try {
    PostgresHandle handle = open();
    requireUsable(handle.get());
    return handle;
  } catch (const Error& fault) {
    throw Error(ErrorCode::unavailable,
                fmt::format("cannot open the PostgreSQL database: {}", fault.what()));
  }
}

PostgresHandle PostgresServer::connect() {
  {
    const std::lock_guard lock(mutex_);
    if (delay_.count() > 0 && environment_->now() < retryAt_) throw unreachable();
  }
  try {
    PostgresHandle handle = open();
    noteSuccess();
    return handle;
  } catch (const Error& fault) {
    log(LogLevel::error, "PostgreSQL cannot be reached", fault.what());
    noteFailure();
    throw unreachable();
  }
}

// A random part of the delay, at least half, so that many hosts do not come back at one moment.
void PostgresServer::noteFailure() {
  const std::lock_guard lock(mutex_);
  delay_ = std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
  const auto half = static_cast<std::uint64_t>(delay_.count() / 2);
  retryAt_ = environment_->now() + std::chrono::milliseconds(half + environment_->random() % half);
}

void PostgresServer::noteSuccess() {
  const std::lock_guard lock(mutex_);
  delay_ = {};
}

bool PostgresServer::wasCommitted(const std::string& transaction) {
  constexpr std::chrono::milliseconds kPause{50};
  const Deadline deadline = soon();
  for (; std::chrono::steady_clock::now() < deadline; std::this_thread::sleep_for(kPause)) {
    try {
      const PostgresHandle handle = open();
      const PostgresResult status = execute(handle.get(), "SELECT pg_xact_status(CAST($1 AS xid8))",
                                            {transaction.c_str()}, deadline);
      if (PQresultStatus(status.get()) != PGRES_TUPLES_OK) continue;
      const std::string_view outcome = PQgetvalue(status.get(), 0, 0);
      if (outcome == "committed" || outcome == "aborted") return outcome == "committed";
    } catch (const Error&) {
      // Not there yet.
    }
  }
  log(LogLevel::error, "whether a transaction was committed cannot be known", transaction);
  throw Error(ErrorCode::outcomeUnknown, "Whether the store has taken a change cannot be known");
}

void PostgresServer::log(LogLevel level, std::string_view message, std::string_view reason) const {
  if (!log_) return;
  const std::array fields = {LogField{"text", std::string(reason)}};
  log_(level, message, fields);
}

Waited awaitAnswer(PGconn* connection, Deadline deadline) noexcept {
  for (;;) {
    const int flushed = PQflush(connection);
    if (flushed < 0) return Waited::lost;
    if (PQisBusy(connection) == 0) return Waited::done;
    const auto events = static_cast<short>(flushed > 0 ? POLLIN | POLLOUT : POLLIN);
    if (!waitFor(PQsocket(connection), events, deadline)) return Waited::tooLong;
    if (PQconsumeInput(connection) == 0) return Waited::lost;
  }
}

PostgresResult execute(PGconn* connection, const char* sql,
                       std::initializer_list<const char*> values, Deadline deadline) {
  const auto count = static_cast<int>(values.size());
  const int sent = count == 0 ? PQsendQuery(connection, sql)
                              : PQsendQueryParams(connection, sql, count, nullptr, values.begin(),
                                                  nullptr, nullptr, 0);
  PostgresResult last;
  while (sent != 0) {
    if (awaitAnswer(connection, deadline) != Waited::done) return nullptr;
    PostgresResult next(PQgetResult(connection));
    if (next == nullptr) break;
    if (last == nullptr || !isFailure(last.get())) last = std::move(next);
  }
  return last;
}

bool isPostgresBuilt() noexcept { return true; }

std::shared_ptr<Database> postgresDatabase(const StoreOptions& options,
                                           std::shared_ptr<Environment> environment,
                                           const LogFunction& log) {
  return std::make_shared<PostgresDatabase>(
      std::make_shared<PostgresServer>(options, std::move(environment), log));
}

}  // namespace chatbot::database
