// A caller's start as the store takes it, and the refusal of a start that the store has not taken.
#pragma once

#include <string_view>

#include "chatbot/engine.h"

namespace chatbot::engine {

// Throws Error (invalidArgument) for an idempotency key that is none.
StartRequest startRequest(const Identity& caller, const CheckedInput& input,
                          const StartOptions& how, const EngineOptions& options);

// Throws Error unless the start has begun, waits, or has joined an earlier one.
void checkTaken(const Start& start, std::string_view workflowId);

}  // namespace chatbot::engine
