// The answer of a built-in responder, as steps that are fixed before the first is done.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "chatbot/run.h"

namespace chatbot::run {

struct Step {
  std::chrono::microseconds delay{0};  // after the step before it
  std::optional<ItemContent> item{};   // else a delta
  std::string delta{};
};

struct ScriptedAnswer {
  std::vector<Step> steps;
  std::optional<std::string> failure;  // ends the round as failed, with this text
  std::size_t answerBytes = 0;         // of the text, for the stat
  std::string process;                 // the responder's name, for the stat
};

// The prompt in pieces of a few words, then as a whole.
ScriptedAnswer echoAnswer(const TurnInput& input);

// The answer that the prompt's `#bench` line asks for. Throws Error (invalidArgument) for a line
// that does not fit.
ScriptedAnswer scriptAnswer(const TurnInput& input);

}  // namespace chatbot::run
