// One JSON document of a model server: a `chat.completion.chunk` of a stream, or a whole
// `chat.completion`.
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
  std::optional<std::size_t> index;  // of the call among the answer's, where the server tells
  std::string id;                    // of the call; empty where the server does not tell
  std::string name;
  std::string arguments;
};

struct TokenUsage {
  std::int64_t input = 0;
  std::int64_t output = 0;
};

struct ServerError {
  std::string words;  // the server's own: for the log only
  long status = 0;    // the HTTP status that its code names; 0: none
};

struct Chunk {
  std::string text;      // a refusal's too: it stands in the answer's place
  bool refuses = false;  // the text is a refusal
  std::string reasoning;
  std::vector<ToolCallPart> toolCalls;
  std::string finishReason;  // empty before the end
  std::optional<TokenUsage> usage;
  std::optional<ServerError> error;
};

// Reads the choice with the index 0, or without one; others are ignored. Nothing for a text that is
// no JSON object. Members that are absent, null or of another type are left out. Bytes that are not
// UTF-8 become U+FFFD.
std::optional<Chunk> parseChunk(std::string_view json);

// The words of an error that a server answers with: `error.message`, `error`, `message` or
// `detail`, or the text as it is where it has none of these.
std::string errorWords(std::string_view body);

// Joins the two escapes by which JSON may write a character beyond U+FFFF, where a server has cut
// its text between them: each half alone is no character.
class Surrogates {
 public:
  // Returns `json` with whole escapes. A first half at a text's end is kept until the second half
  // comes in a later JSON document; any other half becomes U+FFFD. The result is valid until the
  // next call, and as long as `json`.
  std::string_view joined(std::string_view json);

 private:
  void readEscape(std::string_view& json);

  std::string half_;    // the escape that waits for its other half
  std::string next_;    // the same, found in the document that is being read
  std::string mended_;  // the result
};

}  // namespace chatbot::openai
