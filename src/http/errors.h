// Errors as clients of the endpoints see them.
#pragma once

#include <string>

#include "chatbot/error.h"

namespace chatbot::http {

int httpStatus(ErrorCode code) noexcept;

// {"detail": …}
std::string errorBody(const Error& error);
std::string errorBody(std::string_view detail);

}  // namespace chatbot::http
