// Waiting for what PostgreSQL answers, on connections that do not block.
#pragma once

#include <chrono>
#include <initializer_list>

#include "database/postgres/server.h"

namespace chatbot::database {

using Deadline = std::chrono::steady_clock::time_point;

enum class Waited { done, lost, tooLong };

// Sends what is still to be sent, and reads until PQgetResult has an answer without waiting.
Waited awaitAnswer(PGconn* connection, Deadline deadline) noexcept;

// Runs statements outside of the pipeline, several of them only without values. The answer to the
// last one, or the first failure; null where none has come by the deadline.
PostgresResult execute(PGconn* connection, const char* sql,
                       std::initializer_list<const char*> values, Deadline deadline);

}  // namespace chatbot::database
