// A model server's account of a failure, as far as it may be repeated: its sentences may hold the
// prompt or the key, so they are read for their cause and not kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_input.h"

namespace chatbot::openai {

struct ServerError {
  enum class Cause {
    other,
    key,      // the server does not take the key
    model,    // the server does not know the model or the address
    tooLong,  // the conversation does not fit into the model's context
    quota     // nothing is left of the account's quota or credit
  };

  Cause cause = Cause::other;
  long status = 0;        // the HTTP status that its code names; 0: none
  std::string code = {};  // empty, or an identifier
  std::string type = {};  // empty, or an identifier

  bool saysAnything() const noexcept {
    return cause != Cause::other || status != 0 || !code.empty() || !type.empty();
  }
};

// The error in an event, a document or a choice; nothing where it has none. An `error` that is
// false, zero or empty is none, and so is one whose members are.
std::optional<ServerError> errorIn(const base::Json& object);

// A document that has no choice, read as an error.
ServerError errorOfDocument(const base::Json& document);

// The body of a response whose status is not 2xx.
ServerError errorOfBody(std::string_view body, long status);

// Whether such a body names the member of the request.
bool namesMember(std::string_view body, std::string_view member);

// `text` where it is an identifier (ASCII letters, digits, `_`, `-`, `.` and `:`, 64 at most), else
// an empty text.
std::string identifierIn(std::string_view text);

}  // namespace chatbot::openai
