// The body of a request to a model server.
#pragma once

#include <span>
#include <string>

#include "chatbot/openai.h"
#include "openai/documents.h"

namespace chatbot::openai {

// `history` holds the messages of earlier rounds, oldest first. The user's message comes last: a
// text, or a list of parts where there are documents.
std::string requestBody(const OpenAiOptions& options, const TurnInput& input,
                        std::span<const Item> history, std::span<const DocumentPart> documents);

}  // namespace chatbot::openai
