// The words of messages in SQLite's FTS5.
#pragma once

#include "store/word_index.h"

namespace chatbot::store {

const WordIndex& sqliteWordIndex() noexcept;

}  // namespace chatbot::store
