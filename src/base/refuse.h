// Refusing what a caller gave.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "chatbot/error.h"

namespace chatbot::base {

// Throws Error (invalidArgument) with a message made as fmt::format does. It names the place at
// fault and is one line: text of a client goes into it escaped, if at all.
template <typename... Parts>
[[noreturn]] void refuse(fmt::format_string<Parts...> message, Parts&&... parts) {
  throw Error(ErrorCode::invalidArgument, fmt::format(message, std::forward<Parts>(parts)...));
}

}  // namespace chatbot::base
