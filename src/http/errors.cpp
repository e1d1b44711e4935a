// Errors as clients of the endpoints see them.
#include "base/json_text.h"
#include "chatbot/http.h"

namespace chatbot {

int httpStatus(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalidArgument:
    case ErrorCode::wrongMode:
      return 400;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::notFound:
      return 404;
    case ErrorCode::busy:
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::tooLarge:
      return 413;
    case ErrorCode::invalidBody:
      return 422;
    case ErrorCode::rateLimited:
      return 429;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::internal:
    case ErrorCode::outcomeUnknown:
    case ErrorCode::unsupported:
    case ErrorCode::misuse:
      break;
  }
  return 500;
}

std::string errorBody(const Error& error) {
  if (error.detail().empty()) return errorBody(std::string_view(error.what()));
  return "{\"detail\":" + error.detail() + "}";
}

std::string errorBody(std::string_view detail) {
  return "{\"detail\":" + base::jsonString(detail) + "}";
}

}  // namespace chatbot
