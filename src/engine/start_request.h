// What a caller's start asks of the store.
#pragma once

#include "chatbot/engine.h"

namespace chatbot::engine {

// Throws Error (invalidArgument) for a blank prompt, or an idempotency key that is none.
StartRequest startRequest(const Identity& caller, const UserInput& input, const StartOptions& how,
                          const EngineOptions& options);

}  // namespace chatbot::engine
