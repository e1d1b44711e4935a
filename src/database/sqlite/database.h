// A database in an SQLite file.
#pragma once

#include <memory>

#include "database/database.h"

namespace chatbot::database {

std::shared_ptr<Database> sqliteDatabase(const StoreOptions& options, const LogFunction& log);

}  // namespace chatbot::database
