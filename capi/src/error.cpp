// Error objects, and how an exception becomes one.
#include "chatbot/error.h"

#include <array>
#include <memory>
#include <new>
#include <string>

#include "guard.h"

namespace chatbot::capi {
namespace {

// An error that owns its texts. Every error object but outOfMemory is one.
struct OwnedError final : chatbot_error {
  std::string messageText;
  std::string detailText;
};

// Exists from the start, as there is no memory for it when it is needed. Never freed, shared by
// all.
constinit chatbot_error outOfMemory{CHATBOT_NO_MEMORY, 503, "Out of memory",
                                    "{\"detail\":\"Out of memory\"}"};

// Without a default, so that the compiler names a code that is missing here.
chatbot_status statusOf(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalidArgument:
    case ErrorCode::invalidBody:
      return CHATBOT_INVALID_ARGUMENT;
    case ErrorCode::notFound:
      return CHATBOT_NOT_FOUND;
    case ErrorCode::forbidden:
      return CHATBOT_FORBIDDEN;
    case ErrorCode::wrongMode:
      return CHATBOT_WRONG_MODE;
    case ErrorCode::busy:
      return CHATBOT_BUSY;
    case ErrorCode::conflict:
      return CHATBOT_CONFLICT;
    case ErrorCode::tooLarge:
      return CHATBOT_TOO_LARGE;
    case ErrorCode::rateLimited:
      return CHATBOT_RATE_LIMITED;
    case ErrorCode::unavailable:
      return CHATBOT_UNAVAILABLE;
    case ErrorCode::internal:
      return CHATBOT_INTERNAL;
    case ErrorCode::outcomeUnknown:
      return CHATBOT_OUTCOME_UNKNOWN;
    case ErrorCode::unsupported:
      return CHATBOT_UNSUPPORTED;
    case ErrorCode::misuse:
      return CHATBOT_MISUSE;
  }
  return CHATBOT_INTERNAL;
}

// The pointers of the C part are set last, when the texts do not move any more.
chatbot_error* makeError(const Error& error) {
  auto owned = std::make_unique<OwnedError>();
  owned->messageText = error.what();
  owned->detailText = errorBody(error);
  owned->status = statusOf(error.code());
  owned->httpStatus = httpStatus(error.code());
  owned->message = owned->messageText.c_str();
  owned->detail = owned->detailText.c_str();
  return owned.release();
}

chatbot_status report(const Error& error, chatbot_error** err) {
  if (err != nullptr) *err = makeError(error);
  return statusOf(error.code());
}

// The text of a fault goes to the log, as it may hold what the caller must not see. The caller gets
// an id by which the log line is found.
chatbot_status reportFault(const SharedEngine* shared, const char* text, chatbot_error** err) {
  std::string message = "Internal error";
  if (shared != nullptr) {
    const std::string id = newId(shared->engine->environment());
    const std::array fields{LogField{"fault", id}, LogField{"text", text}};
    const LogFunction& log = shared->engine->log();
    if (log) log(LogLevel::error, "a call has failed", fields);
    message += " " + id;
  }
  return report(Error(ErrorCode::internal, message), err);
}

chatbot_status reportCurrent(const SharedEngine* shared, chatbot_error** err) {
  try {
    throw;
  } catch (const Error& error) {
    if (statusOf(error.code()) == CHATBOT_INTERNAL) return reportFault(shared, error.what(), err);
    return report(error, err);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& fault) {
    return reportFault(shared, fault.what(), err);
  } catch (...) {
    return reportFault(shared, "not an std::exception", err);
  }
}

}  // namespace

// Making a report throws nothing but std::bad_alloc, which needs no memory to be reported.
chatbot_status failure(const SharedEngine* shared, chatbot_error** err) noexcept {
  try {
    return reportCurrent(shared, err);
  } catch (...) {
    if (err != nullptr) *err = &outOfMemory;
    return CHATBOT_NO_MEMORY;
  }
}

}  // namespace chatbot::capi

using chatbot::capi::outOfMemory;
using chatbot::capi::OwnedError;

chatbot_status chatbot_error_status(const chatbot_error* error) noexcept {
  return error == nullptr ? CHATBOT_OK : error->status;
}

int32_t chatbot_error_http_status(const chatbot_error* error) noexcept {
  return error == nullptr ? 200 : error->httpStatus;
}

const char* chatbot_error_message(const chatbot_error* error) noexcept {
  return error == nullptr ? "" : error->message;
}

const char* chatbot_error_detail_json(const chatbot_error* error) noexcept {
  return error == nullptr ? "{}" : error->detail;
}

void chatbot_error_free(chatbot_error* error) noexcept {
  if (error != &outOfMemory) delete static_cast<OwnedError*>(error);
}
