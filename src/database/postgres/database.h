// A database on a PostgreSQL server.
#pragma once

#include <memory>

#include "chatbot/environment.h"
#include "database/database.h"

namespace chatbot::database {

bool isPostgresBuilt() noexcept;

std::shared_ptr<Database> postgresDatabase(const StoreOptions& options,
                                           std::shared_ptr<Environment> environment,
                                           const LogFunction& log);

}  // namespace chatbot::database
