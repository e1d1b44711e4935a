// A database in an SQLite file.
#pragma once

#include <memory>

#include "store/database.h"

namespace chatbot::store {

std::shared_ptr<Database> sqliteDatabase(const StoreOptions& options, const LogFunction& log);

}  // namespace chatbot::store
