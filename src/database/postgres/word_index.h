// The words of messages in PostgreSQL's text search.
#pragma once

#include "database/word_index.h"

namespace chatbot::database {

const WordIndex& postgresWordIndex() noexcept;

}  // namespace chatbot::database
