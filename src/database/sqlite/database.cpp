#include <utility>

#include "chatbot/error.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(StoreOptions options, LogFunction log)
      : options_(std::move(options)), log_(std::move(log)) {}

  std::unique_ptr<Connection> openWriter() override {
    return openSqlite(options_, SqliteMode::readWrite, log_);
  }

  std::unique_ptr<Connection> openReader() override {
    try {
      return openSqlite(options_, SqliteMode::readOnly, log_);
    } catch (const Error& error) {
      if (log_) log_(LogLevel::error, error.what(), {});
      throw Error(ErrorCode::unavailable, "The store cannot be reached");
    }
  }

  std::unique_ptr<InstanceLock> openInstanceLock() override {
    return openFileInstanceLock(options_.path);
  }

  bool isShared() const noexcept override { return false; }

  std::unique_ptr<Wakeups> openWakeups(OnWake) override { return nullptr; }

 private:
  const StoreOptions options_;
  const LogFunction log_;
};

}  // namespace

std::shared_ptr<Database> sqliteDatabase(const StoreOptions& options, const LogFunction& log) {
  reportSqliteVersion(log);
  return std::make_shared<SqliteDatabase>(options, log);
}

}  // namespace chatbot::database
