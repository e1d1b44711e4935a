#include "chatbot/error.h"
#include "database/postgres/database.h"

namespace chatbot::database {

bool isPostgresBuilt() noexcept { return false; }

std::shared_ptr<Database> postgresDatabase(const StoreOptions&, std::shared_ptr<Environment>,
                                           const LogFunction&) {
  throw Error(ErrorCode::unsupported, "this build has no PostgreSQL: it was made without libpq");
}

}  // namespace chatbot::database
