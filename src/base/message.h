// Messages of errors and of the host's log.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "chatbot/error.h"
#include "chatbot/log.h"

namespace chatbot::base {

// Throws Error (invalidArgument) with a message made as fmt::format does. It names the place at
// fault and is one line: text of a client goes into it escaped, if at all.
template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> message, Parts&&... parts) {
  throw Error(ErrorCode::invalidArgument, fmt::format(message, std::forward<Parts>(parts)...));
}

// A client's text for a message: in quotation marks, on one line, at most 60 code points of it.
inline std::string excerpt(std::string_view text) {
  constexpr std::size_t kMaxCodePoints = 60;
  return jsonString(text.substr(0, bytesOfCodePoints(text, kMaxCodePoints)));
}

// Does nothing for a host that takes no log. To be called without a lock: the function is the
// host's, and may call the library.
inline void logLine(const LogFunction& log, LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields = {}) {
  if (log) log(level, message, std::span(fields.begin(), fields.size()));
}

}  // namespace chatbot::base
