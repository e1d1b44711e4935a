#include "database/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "chatbot/error.h"
#include "database/dialect.h"
#include "database/postgres/database.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

bool namesPostgres(std::string_view path) {
  return path.starts_with("postgres://") || path.starts_with("postgresql://");
}

std::string digestOf(std::string_view script) { return base::sha256(script).substr(0, 16); }

bool hasTable(Connection& connection, std::string_view name) {
  return connection.query(connection.dialect().findTable(), name).any();
}

// The digests of the scripts that were run on the database. A role that may not make tables may
// open a database that has them, so the table is not made here.
std::vector<std::string> readHistory(Connection& connection) {
  if (!hasTable(connection, "schema_history")) return {};
  return connection.query("SELECT digest FROM schema_history ORDER BY version").all(textOf);
}

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::unsupported, message);
}

// Before schema_history there was a table of the version alone, which no release has written.
void refuseOldest(Connection& connection) {
  if (!hasTable(connection, "schema_version")) return;
  const auto version = connection.query("SELECT version FROM schema_version").first(integerOf);
  refuse(fmt::format("the database has schema version {} of an unreleased version of this library",
                     version.value_or(0)));
}

void requireKnown(std::span<const std::string> history, std::span<const std::string> scripts) {
  for (std::size_t i = 0; i < std::min(history.size(), scripts.size()); ++i) {
    const std::string known = digestOf(scripts[i]);
    if (history[i] == known) continue;
    refuse(fmt::format(
        "the database has schema version {} ({}) of an unreleased version of this library, not {}",
        i + 1, history[i], known));
  }
  if (history.size() <= scripts.size()) return;
  refuse(fmt::format("the database has schema version {}, this library knows up to {}",
                     history.size(), scripts.size()));
}

void runScript(Connection& connection, const std::string& script, std::size_t version) {
  connection.runScript(script.c_str());
  connection.run("INSERT INTO schema_history (version, digest) VALUES (?, ?)", version,
                 digestOf(script));
}

// Waits for a host that makes the tables at this time.
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

}  // namespace

std::shared_ptr<Database> openDatabase(const StoreOptions& options,
                                       std::shared_ptr<Environment> environment,
                                       const LogFunction& log) {
  if (namesPostgres(options.path)) return postgresDatabase(options, std::move(environment), log);
  // The message does not name the path: it may hold a password.
  if (options.path.find("://") != std::string::npos) {
    throw Error(ErrorCode::invalidArgument,
                "the store is the path of an SQLite file, or a URL that begins with postgres://");
  }
  return sqliteDatabase(options, log);
}

}  // namespace chatbot::database

bool chatbot::hasPostgres() noexcept { return database::isPostgresBuilt(); }

namespace chatbot::database {

void migrate(Connection& connection, std::span<const std::string> scripts) {
  const TransactionGuard transaction(connection);
  connection.begin();
  awaitLock(connection);
  refuseOldest(connection);
  const std::vector<std::string> history = readHistory(connection);
  requireKnown(history, scripts);
  if (history.size() == scripts.size()) return;
  connection.run(
      fmt::format("CREATE TABLE IF NOT EXISTS schema_history "
                  "(version BIGINT NOT NULL PRIMARY KEY, digest {} NOT NULL)",
                  connection.dialect().textType()));
  for (std::size_t done = history.size(); done < scripts.size(); ++done) {
    runScript(connection, scripts[done], done + 1);
  }
  connection.commit();
}

}  // namespace chatbot::database
