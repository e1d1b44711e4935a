// The database's schema and its versions.
#pragma once

#include <span>
#include <string>

#include "database/driver.h"

namespace chatbot::database {

// Brings the schema up to date in one transaction: runs those of `scripts` that have not been run
// on the database, each of which makes a version from the one before. The table schema_history has
// a row for each with a digest of its text, so that a script that was changed is seen. Throws Error
// (unsupported) for a database that a newer version of the library has written, or an unreleased
// one, whose scripts had other texts.
void migrate(Connection& connection, std::span<const std::string> scripts);

}  // namespace chatbot::database
