// The database's schema and its versions.
#pragma once

#include "database/driver.h"

namespace chatbot::database {

// Brings the schema up to date in one transaction. Throws Error (unsupported) for a database that a
// newer version of the library has written.
void migrate(Connection& connection);

}  // namespace chatbot::database
