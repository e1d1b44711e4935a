// The documents of a user's message, as parts of what a model is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chatbot/openai.h"

namespace chatbot::openai {

struct DocumentPart {
  enum class Kind { text, image };

  Kind kind = Kind::text;
  std::string content;  // a text that begins with the document's name, or a `data:` URL
};

struct DocumentParts {
  std::vector<DocumentPart> parts;
  std::vector<std::string> warnings;  // one for each document that is left out, safe to show
};

// How a document of this type is sent; nothing for one that cannot be sent.
std::optional<DocumentPart::Kind> kindOf(std::string_view mimeType, std::string_view bytes);

// A MIME type without its parameters, in lower case.
std::string essenceOf(std::string_view mimeType);

// Calls the loader of the options for each document of the message.
DocumentParts loadDocuments(const TurnInput& input, const OpenAiOptions& options);

}  // namespace chatbot::openai
