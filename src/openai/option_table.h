// The options of the responder openai by name: each member of OpenAiOptions that a host may set by
// a text, with its bounds.
#pragma once

#include "base/option.h"
#include "chatbot/openai.h"

namespace chatbot::openai {

base::OptionTable<OpenAiOptions> optionTable();

}  // namespace chatbot::openai
