// The functions of a C host as functions of C++. Each keeps the user data alive as long as it may
// be called.
#pragma once

#include <functional>
#include <memory>

#include "chatbot.h"
#include "chatbot/log.h"
#include "chatbot/openai.h"

namespace chatbot::capi {

// Takes over a callback's user data: `destroy`, which may be null, is called once, when the last
// copy of the pointer is gone; also when this throws std::bad_alloc.
std::shared_ptr<void> adopt(void* userData, chatbot_destroy_fn destroy);

// Writes each line as `message name=value …`. An empty function for a null one.
LogFunction logTo(chatbot_log_fn log, std::shared_ptr<void> userData);

// An empty function for a null one.
std::function<void()> notifyBy(chatbot_notify_fn notify, std::shared_ptr<void> userData);

// An empty function for a null one.
DocumentLoader loadBy(chatbot_load_fn load, std::shared_ptr<void> userData);

}  // namespace chatbot::capi
