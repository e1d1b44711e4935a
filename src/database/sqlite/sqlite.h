// The parts of the SQLite driver, each made in the source of its name.
#pragma once

#include <memory>
#include <string>

#include "chatbot/log.h"
#include "chatbot/store_options.h"
#include "database/database.h"
#include "database/dialect.h"
#include "database/driver.h"

struct sqlite3;

namespace chatbot::database {

// database.cpp: a database in an SQLite file.
std::shared_ptr<Database> sqliteDatabase(const StoreOptions& options, const LogFunction& log);

// connection.cpp

enum class SqliteMode { readWrite, readOnly };

// Opens `path` in WAL mode with the library's settings and SQL functions. Throws Error
// (unavailable) that names the file.
std::unique_ptr<Connection> openSqlite(const StoreOptions& options, SqliteMode mode,
                                       const LogFunction& log);

// Says in the log when the SQLite that is loaded has a fault that the host should know of.
void reportSqliteVersion(const LogFunction& log);

// dialect.cpp

const Dialect& sqliteDialect() noexcept;

// The words of messages in FTS5.
const WordIndex& sqliteWordIndex() noexcept;

// Registers the SQL functions that conditions call (see chatbot/query.h): chatbot_contains,
// chatbot_starts_with and chatbot_ends_with (text, folded text). Returns SQLite's result code.
int registerFunctions(sqlite3* database);

// instance_lock.cpp: a lock in the file `<database>-instances`. The database is there. Throws Error
// (unavailable) where the file cannot be opened.
std::unique_ptr<InstanceLock> openFileInstanceLock(const std::string& databasePath);

}  // namespace chatbot::database
