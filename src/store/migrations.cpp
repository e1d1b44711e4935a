#include "store/migrations.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <span>

#include "chatbot/error.h"
#include "store/dialect.h"

namespace chatbot::store {
namespace {

std::int64_t readVersion(Connection& connection) {
  connection.run("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
  std::int64_t version = 0;
  connection.run("SELECT version FROM schema_version", {}, [&](const Row& row) {
    version = row.integer(0);
    return true;
  });
  return version;
}

void writeVersion(Connection& connection, std::int64_t version) {
  connection.run("DELETE FROM schema_version");
  connection.run("INSERT INTO schema_version (version) VALUES (?)", std::array{SqlValue(version)});
}

void migrateInTransaction(Connection& connection) {
  connection.lock("migrations");
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

}  // namespace chatbot::store
