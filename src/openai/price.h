// What tokens cost.
#pragma once

#include <span>

#include "chatbot/openai.h"
#include "openai/chunk.h"

namespace chatbot::openai {

// In US dollars; 0 for a model without a price.
double priceOf(std::span<const ModelPrice> prices, std::string_view model, const TokenUsage& usage);

}  // namespace chatbot::openai
