#include "chatbot/error.h"
#include "store/postgres/database.h"

namespace chatbot::store {

bool isPostgresBuilt() noexcept { return false; }

std::shared_ptr<Database> postgresDatabase(const StoreOptions&, std::shared_ptr<Environment>,
                                           const LogFunction&) {
  throw Error(ErrorCode::unsupported, "this build has no PostgreSQL: it was made without libpq");
}

}  // namespace chatbot::store
