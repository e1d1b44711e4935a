// What becomes of a request that has failed: asked again, when, and what clients are told.
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
    refused,      // a status that is none of 2xx
    reported,     // an error in the middle of an answer
    foreign,      // neither events nor JSON, but a page of a proxy, say
    empty,        // nothing at all
    garbled,      // no JSON where there should be some
    tooLarge,
    cutOff  // the answer has no end
  };

  Kind kind = Kind::unreachable;
  long status = 0;  // of `refused`, and of `reported` where the server gives one
  std::optional<std::chrono::seconds> retryAfter = {};
};

// One line, safe to show, without a full stop.
std::string textOf(const Failure& failure);

// How long to wait before the request is sent again; nothing where it is not. `tries`: how often it
// was sent. `random`: any number.
std::optional<std::chrono::milliseconds> retryDelay(const Failure& failure, int tries,
                                                    const OpenAiOptions& options,
                                                    std::uint64_t random);

}  // namespace chatbot::openai
