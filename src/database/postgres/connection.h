// The PostgreSQL driver, on libpq in non-blocking and pipeline mode.
#pragma once

#include <memory>

#include "database/driver.h"
#include "database/postgres/server.h"

namespace chatbot::database {

// A connection that is made anew when a transaction begins and the server has gone in between.
// Statements that nobody wants the rows of are sent with the next one that somebody waits for.
std::unique_ptr<Connection> openPostgres(std::shared_ptr<PostgresServer> server,
                                         PostgresHandle handle);

}  // namespace chatbot::database
