#include "database/migrations.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <span>
#include <thread>

#include "chatbot/error.h"
#include "database/dialect.h"

namespace chatbot::database {
namespace {

// Who may not make tables may open a database that has them.
std::int64_t readVersion(Connection& connection) {
  if (!connection.query(connection.dialect().findVersion()).any()) return 0;
  return connection.query("SELECT version FROM schema_version").first(integerOf).value_or(0);
}

void writeVersion(Connection& connection, std::int64_t version) {
  connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
  connection.run("DELETE FROM schema_version");
  connection.run("INSERT INTO schema_version (version) VALUES (?)", version);
}

// Another host may be at it, for as long as that takes.
void awaitLock(Connection& connection) {
  constexpr std::chrono::minutes kLongest{10};
  constexpr std::chrono::milliseconds kPause{50};
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (!connection.tryLock("migrations")) {
    if (std::chrono::steady_clock::now() > end) {
      throw Error(ErrorCode::unavailable, "another host is making the database's tables");
    }
    std::this_thread::sleep_for(kPause);
  }
}

void migrateInTransaction(Connection& connection) {
  awaitLock(connection);
  const std::span<const char* const> migrations = connection.dialect().migrations();
  const std::int64_t latest = std::ssize(migrations);
  const std::int64_t version = readVersion(connection);
  if (version > latest) {
    throw Error(ErrorCode::unsupported,
                fmt::format("the database has schema version {}, this library knows up to {}",
                            version, latest));
  }
  if (version == latest) return;
  for (auto next = version; next < latest; ++next) {
    connection.runScript(migrations[static_cast<std::size_t>(next)]);
  }
  writeVersion(connection, latest);
}

}  // namespace

void migrate(Connection& connection) {
  connection.begin();
  try {
    migrateInTransaction(connection);
    connection.commit();
  } catch (...) {
    if (connection.inTransaction()) connection.rollback();
    throw;
  }
}

}  // namespace chatbot::database
