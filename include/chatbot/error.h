/// @file
/// The one error vocabulary of the library.
///
/// Every function of the C++ API that cannot do its work throws chatbot::Error. The two outer rooms
/// translate it: `http` to a status code, `capi` to a chatbot_status and an error object.
#pragma once

#include <stdexcept>
#include <string>

namespace chatbot {

enum class ErrorCode {
  invalidArgument,  ///< a parameter does not fit; the message names it
  invalidBody,      ///< a request body does not fit its model; detail() is the list of faults
  notFound,         ///< absent, or not visible to the caller: the two are not told apart
  forbidden,        ///< visible, but the operation is not permitted
  wrongMode,        ///< a workflow of another mode than Chatbot
  busy,             ///< a round is still running
  conflict,         ///< a stream position that does not exist yet
  tooLarge,         ///< a request body over the limit
  rateLimited,      ///< too many requests of this caller; retryAfter() says when to come back
  unavailable,      ///< store full or unreachable, a limit reached, or the engine is shut down
  internal,         ///< a fault inside the library
  outcomeUnknown,   ///< a change that may have been taken, and must not simply be repeated
  unsupported,      ///< not built in, or not possible on this platform
  misuse,           ///< a call that the object's state does not allow
};

class Error : public std::runtime_error {
 public:
  /// `message` is one line, safe to show to a client.
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const noexcept { return code_; }

  /// The `detail` that a client is shown, as JSON text; empty where the message is the detail.
  const std::string& detail() const noexcept { return detail_; }
  Error&& withDetail(std::string json) && {
    detail_ = std::move(json);
    return std::move(*this);
  }

  /// Seconds after which a retry makes sense; 0 where none is known.
  int retryAfter() const noexcept { return retryAfter_; }
  Error&& withRetryAfter(int seconds) && {
    retryAfter_ = seconds;
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string detail_;
  int retryAfter_ = 0;
};

}  // namespace chatbot
