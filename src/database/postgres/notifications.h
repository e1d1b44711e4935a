// Wake-ups by PostgreSQL's LISTEN and NOTIFY.
//
// On a connection and a thread of their own: a NOTIFY within each item's transaction would make
// all commits of the server go one after the other. What is announced while one is under way goes
// with the next, each workflow once.
#pragma once

#include <memory>

#include "database/postgres/server.h"
#include "database/wakeups.h"

namespace chatbot::database {

// The channel is named after the schema, so that several libraries can share a database.
std::unique_ptr<Wakeups> postgresWakeups(std::shared_ptr<PostgresServer> server, OnWake onWake);

}  // namespace chatbot::database
