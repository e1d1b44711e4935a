// What a call says when it refuses its arguments.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "chatbot/error.h"

namespace chatbot::test {

// The message of the Error (invalidArgument) that `call` throws; "accepted" where it throws none.
template <typename Call>
std::string refusalOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalidArgument);
    const std::string message = error.what();
    CHECK(message.find_first_of("\r\n") == std::string::npos);
    return message;
  }
  return "accepted";
}

}  // namespace chatbot::test
