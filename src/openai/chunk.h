// What a model server says: one `chat.completion.chunk` of a stream, or a whole `chat.completion`.
//
// Sources: OpenAI's API reference, "Chat Completions", and what vLLM, llama.cpp, Ollama and
// OpenRouter add: `reasoning_content`, `reasoning` or `reasoning_details`, and `{"error": …}` in
// the middle of a stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatbot::openai {

// A piece of a tool call: the name comes with the first (from some servers with each), the
// arguments in pieces.
struct ToolCallPart {
  std::optional<std::size_t> index;  // which of the calls it belongs to, where that is told
  std::string id;                    // of the call; empty where it is not told
  std::string name;
  std::string arguments;
};

struct TokenUsage {
  std::int64_t input = 0;
  std::int64_t output = 0;
};

struct ServerError {
  std::string words;  // the server's own
  long status = 0;    // the HTTP status that its code is; 0: none
};

struct Chunk {
  std::string text;      // a refusal's too: it is said in the answer's place
  bool refuses = false;  // the text is a refusal
  std::string reasoning;
  std::vector<ToolCallPart> toolCalls;
  std::string finishReason;  // empty before the end
  std::optional<TokenUsage> usage;
  std::optional<ServerError> error;
};

// Of several choices only that with the index 0 counts, or without one. Nothing for a text that is
// no JSON object; members that are absent, null or of another type are left out. Bytes that are not
// UTF-8 become U+FFFD.
std::optional<Chunk> parseChunk(std::string_view json);

// The words of an error that a server answers with: `error.message`, `error`, `message` or
// `detail`, or the text as it is where it has none of these.
std::string errorWords(std::string_view body);

}  // namespace chatbot::openai
