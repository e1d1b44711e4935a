// Workflows that come with their items.
#pragma once

#include "chatbot/environment.h"
#include "chatbot/store.h"
#include "store/scoped.h"

namespace chatbot::store {

// In the transaction of its caller. Throws Error (forbidden) where the scope does not allow it.
void importWorkflow(ScopedConnection& rows, const Import& entry, Environment& environment);

}  // namespace chatbot::store
