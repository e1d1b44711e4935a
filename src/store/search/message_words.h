// The words that a message is indexed under and searched by: those of its text, and those that name
// its owner.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chatbot/access.h"
#include "database/dialect.h"

namespace chatbot::store {

// The text of a longer message is searched up to here: writers wait while it is indexed.
inline constexpr std::size_t kMaxMessageBytes = 256 * 1024;

// The words of the message in a chat item's JSON, with spaces between them; none where it holds no
// message.
std::string wordsOfItem(std::string_view itemJson);

// The words of the tenant and of the user in it that a message belongs to.
std::string ownerWords(std::string_view mandateId, std::string_view userId);

// The word that all messages in reach of the scope are indexed under; empty where it reaches all.
std::string ownerIn(const Scope& scope);

// The words of a search, one after the other. Throws Error (invalidArgument) for more than
// database::kMaxSearchWords.
database::Phrase phraseOf(std::string_view text);

}  // namespace chatbot::store
