// One JSON document of a model server: an event of a stream (`chat.completion.chunk`), or a whole
// answer (`chat.completion`), with what servers other than OpenAI's write in it.
//
// docs/model-servers.md shows what they write, and what becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "openai/json_sieve.h"
#include "openai/server_error.h"

namespace chatbot::openai {

// A piece of a tool call: the name comes with the first (from some servers with each), the
// arguments in pieces.
struct ToolCallPart {
  std::optional<std::size_t> index;  // of the call among the answer's, where the server tells
  std::string id;                    // of the call; empty where the server does not tell
  std::string name;
  std::string arguments;
};

struct TokenUsage {
  std::int64_t input = 0;
  std::int64_t output = 0;
};

struct Chunk {
  std::optional<std::size_t> choice;  // whose text it is; nothing where it has no choice
  bool isMessage = false;             // the text is the whole message's, no piece of it
  std::string text;                   // a refusal's too: it stands in the answer's place
  bool refuses = false;               // the text is a refusal
  std::string reasoning;
  std::vector<ToolCallPart> toolCalls;
  std::string finishReason;          // empty before the end
  TokenUsage usage;                  // 0 where it is not told
  std::optional<ServerError> error;  // the server calls it one
  ServerError remark;                // a document without a choice, read as an error
};

// Which members are read. The sieve for chunks is made with it.
MemberUse useOfMember(std::string_view name);

// Reads the choice with this index, or the first where it is not known yet. Nothing for a text that
// is no JSON object. Members that are absent, null or of another type are left out. Bytes that are
// not UTF-8 become U+FFFD.
std::optional<Chunk> parseChunk(std::string_view json, std::optional<std::size_t> choice = {});

}  // namespace chatbot::openai
