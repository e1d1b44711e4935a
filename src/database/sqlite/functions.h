// The SQL functions that the query engine's conditions call.
#pragma once

struct sqlite3;

namespace chatbot::database {

// Registers chatbot_contains, chatbot_starts_with and chatbot_ends_with (text, folded text).
// Returns SQLite's result code.
int registerFunctions(sqlite3* database);

}  // namespace chatbot::database
