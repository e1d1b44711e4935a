// The words of messages in SQLite's FTS5.
#pragma once

#include "database/word_index.h"

namespace chatbot::database {

const WordIndex& sqliteWordIndex() noexcept;

}  // namespace chatbot::database
