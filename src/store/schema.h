// The tables of a store, as each kind of database has them.
#pragma once

#include <string>
#include <vector>

#include "database/dialect.h"

namespace chatbot::store {

// The scripts that bring a database's schema from each version to the next, for database::migrate.
// There is one, which is edited in place, until a version of the library is released; released
// scripts never change.
std::vector<std::string> schemaScripts(const database::Dialect& dialect);

// The tables alone. Private to schema.cpp.
std::string sqliteTables();
std::string postgresTables();

}  // namespace chatbot::store
