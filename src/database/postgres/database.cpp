#include "database/postgres/database.h"

#include <utility>

#include "database/postgres/connection.h"
#include "database/postgres/server.h"

namespace chatbot::database {
namespace {

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

bool isPostgresBuilt() noexcept { return true; }

std::shared_ptr<Database> postgresDatabase(const StoreOptions& options,
                                           std::shared_ptr<Environment> environment,
                                           const LogFunction& log) {
  return std::make_shared<PostgresDatabase>(
      std::make_shared<PostgresServer>(options, std::move(environment), log));
}

}  // namespace chatbot::database
