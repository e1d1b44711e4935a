// How a request has failed, whether it is sent again and when, and the text that clients are shown.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "chatbot/openai.h"
#include "openai/reply_headers.h"
#include "openai/server_error.h"

namespace chatbot::openai {

struct Failure {
  enum class Kind {
    unreachable,  // no connection, or it was lost before the answer
    silent,       // no byte in time
    refused,      // a status other than 2xx
    reported,     // an error in an answer
    noChoice,     // an answer in which the model says nothing
    foreign,      // neither events nor JSON: a proxy's page, for example
    empty,        // no body at all
    garbled,      // no JSON where there should be some, or an unknown encoding
    tooLarge,     // beyond OpenAiOptions::maxAnswerBytes
    cutOff        // the answer has no end
  };

  Kind kind = Kind::unreachable;
  ServerError error = {};     // what the server says of it
  ReplyHeaders headers = {};  // those of `refused`
};

// One line, safe to show, without a full stop. `hasKey`: a key was sent.
std::string textOf(const Failure& failure, bool hasKey = true);

// The time before the request is sent again; nothing where it is not sent again. `tries` counts how
// often it was sent; `random` is any number.
std::optional<std::chrono::milliseconds> retryDelay(const Failure& failure, int tries,
                                                    const OpenAiOptions& options,
                                                    std::uint64_t random);

}  // namespace chatbot::openai
