#include "database/database.h"

#include <utility>

#include "chatbot/error.h"
#include "database/postgres/database.h"
#include "database/sqlite/sqlite.h"

namespace chatbot::database {
namespace {

bool namesPostgres(std::string_view path) {
  return path.starts_with("postgres://") || path.starts_with("postgresql://");
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
