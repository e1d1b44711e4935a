// The PostgreSQL driver, on libpq in non-blocking and pipeline mode.
#pragma once

#include <memory>

#include "store/driver.h"
#include "store/postgres/server.h"

namespace chatbot::store {

// A connection that is made anew when a transaction begins and the server has gone in between.
// Statements that nobody wants the rows of are sent with the next one that somebody waits for.
std::unique_ptr<Connection> openPostgres(std::shared_ptr<PostgresServer> server,
                                         PostgresHandle handle);

}  // namespace chatbot::store
