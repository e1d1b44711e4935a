// The words of messages in PostgreSQL's text search.
#pragma once

#include "store/word_index.h"

namespace chatbot::store {

const WordIndex& postgresWordIndex() noexcept;

}  // namespace chatbot::store
