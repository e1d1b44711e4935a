// The body of a request to a model server.
#pragma once

#include <bitset>
#include <span>
#include <string>
#include <string_view>

#include "chatbot/openai.h"
#include "openai/documents.h"

namespace chatbot::openai {

// Members of a request that some servers refuse, and that may be left out.
enum class RequestMember { temperature, streamOptions };
inline constexpr std::size_t kRequestMembers = 2;
using RequestMembers = std::bitset<kRequestMembers>;

// As it stands in the request.
std::string_view nameOf(RequestMember member);

// A body without its end. `history` holds the messages of earlier rounds, oldest first. The user's
// message comes last: a text, or a list of parts where there are documents.
std::string beginBody(const OpenAiOptions& options, const TurnInput& input,
                      std::span<const Item> history, std::span<const DocumentPart> documents);

// The body that beginBody() has begun, with the members that are not left out.
std::string completeBody(std::string_view begun, const OpenAiOptions& options,
                         RequestMembers leftOut = {});

}  // namespace chatbot::openai
