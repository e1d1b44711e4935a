// The SQLite driver.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "chatbot/log.h"
#include "chatbot/store_options.h"
#include "database/driver.h"

namespace chatbot::database {

enum class SqliteMode { readWrite, readOnly };

// Opens `path` in WAL mode with the library's settings and SQL functions. Throws Error
// (unavailable) that names the file.
std::unique_ptr<Connection> openSqlite(const StoreOptions& options, SqliteMode mode,
                                       const LogFunction& log);

// Says in the log when the SQLite that is loaded has a fault that the host should know of.
void reportSqliteVersion(const LogFunction& log);

}  // namespace chatbot::database
