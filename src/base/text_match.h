// Matching text without regard to case: what the database's functions chatbot_contains,
// chatbot_starts_with and chatbot_ends_with do, and the in-memory evaluator.
#pragma once

#include <string_view>

#include "chatbot/log.h"

namespace chatbot::base {

// `text` is any text, `folded` one that foldCase made.
bool containsFolded(std::string_view text, std::string_view folded);
bool startsWithFolded(std::string_view text, std::string_view folded);
bool endsWithFolded(std::string_view text, std::string_view folded);

// Says in the log when this build knows no more of case than ASCII's.
void reportTextMatch(const LogFunction& log);

}  // namespace chatbot::base
