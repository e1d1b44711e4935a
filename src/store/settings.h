// The database as a whole: its schema, and the tables `workflow_version`, `store_setting` and
// `access_rules`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/dialect.h"
#include "database/driver.h"
#include "store/engine_store.h"

namespace chatbot::store {

// The number of changes to workflows that can move them into or out of a list: rows that were made
// or deleted, and updates of anything but lastActivity and lastSeq. Triggers count the changes of
// every writer. Absent where the database's dialect counts no changes.
std::optional<std::int64_t> selectVersion(database::Connection& connection);

// The secret that the engines on this database sign cursors with; `fresh` becomes it where there is
// none yet.
std::string cursorSecret(database::Connection& connection, std::string_view fresh);

// The access rules, if they have another version; those that were never set have version 0.
std::optional<StoredRules> selectRulesOtherThan(database::Connection& connection,
                                                std::int64_t version);

// `version` is a random one, so that it is not given again where an older copy has taken the
// database's place.
void updateRules(database::Connection& connection, std::string_view json, std::int64_t version);

// The scripts that bring a database's schema from each version to the next, for database::migrate.
// There is one, which is edited in place, until a version of the library is released; released
// scripts never change.
std::vector<std::string> schemaScripts(const database::Dialect& dialect);

// The tables alone, for schemaScripts.
std::string sqliteTables();
std::string postgresTables();

}  // namespace chatbot::store
