// The connections that a store opens on a PostgreSQL server: for statements, and for wake-ups.
#pragma once

#include <memory>

#include "database/database.h"
#include "database/driver.h"
#include "database/postgres/server.h"

namespace chatbot::database {

// Opens a connection on libpq in non-blocking and pipeline mode. It is made anew when a transaction
// begins and the server has gone in between. Statements whose rows nobody wants are sent with the
// next one that somebody waits for.
std::unique_ptr<Connection> openPostgres(std::shared_ptr<PostgresServer> server,
                                         PostgresHandle handle);

// Opens wake-ups by LISTEN and NOTIFY, on a connection and a thread of their own: a NOTIFY within
// each item's transaction would make all commits of the server go one after the other. Workflows
// that are announced while one NOTIFY is under way go with the next, each once. The channel is
// named after the schema, so that several libraries can share a database.
std::unique_ptr<Wakeups> postgresWakeups(std::shared_ptr<PostgresServer> server, OnWake onWake);

}  // namespace chatbot::database
