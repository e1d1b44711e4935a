#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/text_key.h"
#include "chatbot/error.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

// Statements kept per connection; lists with filters make new ones.
constexpr std::size_t kMaxStatements = 256;

constexpr std::int64_t kPageBytes = 4096;
constexpr std::int64_t kMostPages = 1'073'741'823;  // what every SQLite since 3.0 allows

// 3.51.3 mends the WAL-reset bug, by which two connections that commit and checkpoint at the same
// moment can lose a transaction. One process does both on one connection, so it is safe before too.
constexpr int kSafeForSeveralProcesses = 3'051'003;

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;

// A prepared statement. While a cursor holds it, another use of the same text prepares its own.
using Statement = std::shared_ptr<sqlite3_stmt>;

struct BindValue {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(std::string_view value) const {
    return sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
};

Error unavailable(const char* message, int retryAfter) {
  return Error(ErrorCode::unavailable, message).withRetryAfter(retryAfter);
}

[[noreturn]] void throwFor(int result) {
  switch (result & 0xFF) {
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_FULL:
      throw FullError(unavailable("The store is full", 60));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw unavailable("The store is busy", 1);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw unavailable("The store cannot be reached", 5);
    default:
      throw Error(ErrorCode::internal, "The store has failed");
  }
}

// The write-ahead log is written back when it has so many pages, as SQLite's automatic checkpoint
// does.
constexpr int kCheckpointPages = 1000;

[[noreturn]] void fail(sqlite3* database, const LogFunction& log, int result) {
  if (log) {
    const std::array fields = {LogField{"code", std::to_string(result)},
                               LogField{"text", sqlite3_errmsg(database)}};
    log(LogLevel::error, "SQLite has failed", fields);
  }
  throwFor(result);
}

// A statement in use. It is reset when the cursor ends, also after an error.
class SqliteCursor final : public Cursor {
 public:
  SqliteCursor(Statement statement, std::span<const SqlView> values, const LogFunction& log)
      : SqliteCursor(std::move(statement), log) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const BindValue bind{statement_.get(), static_cast<int>(i) + 1};
      if (const int result = std::visit(bind, values[i]); result != SQLITE_OK) throwFault(result);
    }
  }
  ~SqliteCursor() override {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
  }
  SqliteCursor(const SqliteCursor&) = delete;
  SqliteCursor& operator=(const SqliteCursor&) = delete;

  // A further step would make SQLite run the finished statement again.
  bool next() override {
    if (isDone_) return false;
    const int result = sqlite3_step(statement_.get());
    isDone_ = result != SQLITE_ROW;
    if (isDone_ && result != SQLITE_DONE) throwFault(result);
    return !isDone_;
  }

  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_.get(), column);
  }
  double real(int column) const override { return sqlite3_column_double(statement_.get(), column); }
  std::string_view text(int column) const override {
    const unsigned char* const text = sqlite3_column_text(statement_.get(), column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
  }
  bool isNull(int column) const override {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
  }

 private:
  SqliteCursor(Statement statement, const LogFunction& log)
      : statement_(std::move(statement)), log_(log) {}

  [[noreturn]] void throwFault(int result) const {
    fail(sqlite3_db_handle(statement_.get()), log_, result);
  }

  const Statement statement_;
  const LogFunction& log_;  // its connection's
  bool isDone_ = false;
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(DatabaseHandle database, int busyTimeout, LogFunction log)
      : database_(std::move(database)), busyTimeout_(busyTimeout), log_(std::move(log)) {
    sqlite3_wal_hook(database_.get(), &SqliteConnection::noteWal, this);
  }

  void execute(std::string_view sql, std::span<const SqlView> values) override {
    SqliteCursor cursor(prepared(sql), values, log_);
    while (cursor.next()) continue;
  }

  std::unique_ptr<Cursor> open(std::string_view sql, std::span<const SqlView> values) override {
    return std::make_unique<SqliteCursor>(prepared(sql), values, log_);
  }

  void runScript(const char* sql) override {
    check(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
  }

  // A checkpoint writes the write-ahead log back into the file and may wait for the disk. SQLite's
  // automatic one, which the hook replaces, would do so within the commit.
  void checkpoint() noexcept override {
    if (walPages_ < kCheckpointPages) return;
    sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                              nullptr);
  }

  const Dialect& dialect() const noexcept override { return sqliteDialect(); }

  void drain() override {}
  void begin() override { run("BEGIN IMMEDIATE"); }
  void beginRead() override { run("BEGIN"); }
  void commit() override { run("COMMIT"); }
  void rollback() override { run("ROLLBACK"); }
  void lock(std::string_view) override {}
  bool tryLock(std::string_view) override { return true; }

  bool tryBegin() override {
    sqlite3_busy_timeout(database_.get(), 0);
    const int result = sqlite3_exec(database_.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    sqlite3_busy_timeout(database_.get(), busyTimeout_);
    if ((result & 0xFF) == SQLITE_BUSY) return false;
    check(result);
    return true;
  }

  bool inTransaction() const noexcept override {
    return sqlite3_get_autocommit(database_.get()) == 0;
  }

 private:
  static int noteWal(void* self, sqlite3*, const char*, int pages) noexcept {
    static_cast<SqliteConnection*>(self)->walPages_ = pages;
    return SQLITE_OK;
  }

  Statement prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end() && found->second.use_count() == 1) return found->second;
    if (statements_.size() >= kMaxStatements) statements_.clear();
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                             SQLITE_PREPARE_PERSISTENT, &made, nullptr));
    Statement statement(made, sqlite3_finalize);
    statements_.emplace(sql, statement);
    return statement;
  }

  void check(int result) const {
    if (result != SQLITE_OK) fail(database_.get(), log_, result);
  }

  DatabaseHandle database_;
  int busyTimeout_;  // in milliseconds
  int walPages_ = 0;
  base::TextMap<Statement> statements_;
  LogFunction log_;
};

constexpr const char* kSharedSettings = "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;";

std::string settings(const StoreOptions& options, SqliteMode mode) {
  if (mode == SqliteMode::readOnly) return std::string(kSharedSettings) + "PRAGMA query_only = ON;";
  const bool full = options.synchronous == StoreOptions::Synchronous::full;
  const std::int64_t pages =
      options.maxBytes > 0 ? std::max<std::int64_t>(options.maxBytes / kPageBytes, 1) : kMostPages;
  return fmt::format(
      "{} PRAGMA page_size = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; "
      "PRAGMA max_page_count = {};",
      kSharedSettings, kPageBytes, full ? "FULL" : "NORMAL", pages);
}

[[noreturn]] void cannotOpen(const StoreOptions& options, std::string_view reason) {
  throw Error(ErrorCode::unavailable,
              fmt::format("cannot open the database '{}': {}", options.path, reason));
}

DatabaseHandle openFile(const StoreOptions& options, SqliteMode mode) {
  const int access = mode == SqliteMode::readOnly ? SQLITE_OPEN_READONLY
                                                  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(options.path.c_str(), &opened,
                                     access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  DatabaseHandle database(opened);
  if (result != SQLITE_OK) cannotOpen(options, sqlite3_errstr(result));
  return database;
}

}  // namespace

std::unique_ptr<Connection> openSqlite(const StoreOptions& options, SqliteMode mode,
                                       const LogFunction& log) {
  if (options.path.empty() || options.path.starts_with(":")) {
    cannotOpen(options, "several connections share the store, so it needs a file");
  }
  DatabaseHandle database = openFile(options, mode);
  const auto busyTimeout = static_cast<int>(options.busyTimeout.count());
  sqlite3_busy_timeout(database.get(), busyTimeout);
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // A plan holds for all values. Without this, SQLite compares a status that is bound with the
  // condition of workflow_running, and prepares the statement anew whenever it is bound again.
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_ENABLE_QPSG, 1, nullptr);
  int result = registerFunctions(database.get());
  if (result == SQLITE_OK) {
    result =
        sqlite3_exec(database.get(), settings(options, mode).c_str(), nullptr, nullptr, nullptr);
  }
  if (result != SQLITE_OK) cannotOpen(options, sqlite3_errmsg(database.get()));
  return std::make_unique<SqliteConnection>(std::move(database), busyTimeout, log);
}

void reportSqliteVersion(const LogFunction& log) {
  if (!log || sqlite3_libversion_number() >= kSafeForSeveralProcesses) return;
  const std::array fields = {LogField{"version", sqlite3_libversion()}};
  log(LogLevel::info, "this SQLite is not safe for several processes on one file before 3.51.3",
      fields);
}

}  // namespace chatbot::database
