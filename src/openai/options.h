// The options for a model server: what they must be, and what follows from them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "chatbot/openai.h"
#include "openai/chunk.h"

namespace chatbot::openai {

// Throws Error (invalidArgument) naming what does not fit; the key is never part of it.
void checkOptions(const OpenAiOptions& options);

// The part of checkOptions that follows from the table of options by name.
void checkBounds(const OpenAiOptions& options);

// The URL of the completions endpoint: below the base URL, which may name it already, and with its
// query.
std::string completionsUrl(std::string_view baseUrl);

// The cost of an answer in US dollars; 0 for a model without a price.
double priceOf(std::span<const ModelPrice> prices, std::string_view model, const TokenUsage& usage);

}  // namespace chatbot::openai
