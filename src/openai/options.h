// What the options for a model server must be.
#pragma once

#include <string>
#include <string_view>

#include "chatbot/openai.h"

namespace chatbot::openai {

// Throws Error (invalidArgument) naming what does not fit; the key is never part of it.
void checkOptions(const OpenAiOptions& options);

// Where completions are asked for.
std::string completionsUrl(std::string_view baseUrl);

// `text` with `***` wherever the key is in it.
std::string withoutKey(std::string text, std::string_view key);

}  // namespace chatbot::openai
