// Writing a line to the host's log.
#pragma once

#include <initializer_list>
#include <string_view>

#include "chatbot/log.h"

namespace chatbot::base {

// Does nothing for a host that takes no log. To be called without a lock: the function is the
// host's, and may call the library.
inline void logLine(const LogFunction& log, LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields = {}) {
  if (log) log(level, message, std::span(fields.begin(), fields.size()));
}

}  // namespace chatbot::base
