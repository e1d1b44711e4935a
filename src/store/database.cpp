#include "store/database.h"

#include <utility>

#include "store/postgres/database.h"
#include "store/sqlite/database.h"

namespace chatbot::store {
namespace {

bool namesPostgres(std::string_view path) {
  return path.starts_with("postgres://") || path.starts_with("postgresql://");
}

}  // namespace

std::shared_ptr<Database> openDatabase(const StoreOptions& options,
                                       std::shared_ptr<Environment> environment,
                                       const LogFunction& log) {
  if (namesPostgres(options.path)) return postgresDatabase(options, std::move(environment), log);
  return sqliteDatabase(options, log);
}

}  // namespace chatbot::store

bool chatbot::hasPostgres() noexcept { return store::isPostgresBuilt(); }
