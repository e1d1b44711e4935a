// How a request has failed, whether it is sent again and when, and the text that clients are shown.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "chatbot/openai.h"

namespace chatbot::openai {

struct Failure {
  enum class Kind {
    unreachable,  // no connection, or it was lost before the answer
    silent,       // no byte in time
    refused,      // a status other than 2xx
    reported,     // an error in the middle of an answer
    foreign,      // neither events nor JSON: a proxy's page, for example
    empty,        // no body at all
    garbled,      // no JSON where there should be some
    tooLarge,     // beyond OpenAiOptions::maxAnswerBytes
    cutOff        // the answer has no end
  };

  Kind kind = Kind::unreachable;
  long status = 0;  // of `refused`, and of `reported` where the server gives one
  std::optional<std::chrono::seconds> retryAfter = {};
};

// One line, safe to show, without a full stop.
std::string textOf(const Failure& failure);

// The time before the request is sent again; nothing where it is not sent again. `tries` counts how
// often it was sent; `random` is any number.
std::optional<std::chrono::milliseconds> retryDelay(const Failure& failure, int tries,
                                                    const OpenAiOptions& options,
                                                    std::uint64_t random);

}  // namespace chatbot::openai
