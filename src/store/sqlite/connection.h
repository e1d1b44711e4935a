// The SQLite driver.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "chatbot/log.h"
#include "chatbot/store.h"
#include "store/driver.h"

namespace chatbot::store {

enum class SqliteMode { readWrite, readOnly };

// Opens `path` in WAL mode with the library's settings and SQL functions. Throws Error
// (unavailable) that names the file.
std::unique_ptr<Connection> openSqlite(const StoreOptions& options, SqliteMode mode,
                                       const LogFunction& log);

// Says in the log when the SQLite that is loaded has a fault that the host should know of.
void reportSqliteVersion(const LogFunction& log);

}  // namespace chatbot::store
