/// @file
/// The responder that asks a model server: any that speaks OpenAI's chat-completions protocol with
/// `stream: true` (OpenAI, vLLM, llama.cpp's server, Ollama, LiteLLM).
///
/// A round is asked with the system prompt, the history and the user's message with its documents.
/// The text is streamed as it arrives; then the final message and a stat are appended and the round
/// is completed. What a model thinks aloud (`reasoning_content`) and the tools that it calls are
/// kept as logs, appended while they come, so that a stop keeps all but the last two seconds of
/// them. A refusal is the answer's text, with a log of type `warning`. A store that is busy at the
/// end of an answer is asked again until it takes it. A round that fails says so in a sentence for
/// its kind; the server's status, code, type and request id go to the log function, its sentences
/// go nowhere. docs/model-servers.md has the rules by which answers are read.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/run.h"

namespace chatbot {

/// A document of the user's message, for its loader.
struct DocumentRequest {
  std::string_view fileId;
  std::string_view workflowId;
  std::string_view userId;
  std::string_view mandateId;
  std::size_t maxBytes = 0;  ///< a larger one is not used: its `bytes` may be left empty
};

struct LoadedDocument {
  std::string name;      ///< shown to the model
  std::string mimeType;  ///< what the document is sent as; empty: text if it is UTF-8
  std::uint64_t size = 0;
  std::string bytes;
};

/// Returns the document, or nothing where this user has none of that id. Called on one thread of
/// the responder's, one call at a time: while it runs, no other round begins, but those that have
/// begun go on. The responder's stop() waits for it. An exception counts as nothing.
using DocumentLoader = std::function<std::optional<LoadedDocument>(const DocumentRequest&)>;

/// The price of a million tokens, in US dollars.
struct ModelPrice {
  std::string model;  ///< "*": every model that has no price of its own
  double input = 0;
  double output = 0;
};

/// {"gpt-4o": {"in": 2.5, "out": 10}, "*": {…}}. Throws Error (invalidArgument).
std::vector<ModelPrice> parsePrices(std::string_view json);

struct OpenAiOptions {
  std::string baseUrl;  ///< http or https, as far as `/v1`; it may have a query
  std::string model;
  /// Sent as `Authorization: Bearer`; none where empty. Neither logged nor stored nor part of any
  /// message.
  std::string key;

  std::string systemPrompt;  ///< none where empty; {userLanguage} stands for the user's language
  std::optional<double> temperature;  ///< 0 to 2; the server's own where absent

  /// The newest messages of earlier rounds that are sent: so many at most, and as long as their
  /// tokens are not more than that. Tokens are estimated: a quarter of the ASCII characters, all
  /// others, and four for each message. 0 sends none. Of a conversation 16 times as much is read at
  /// most: messages that are older are not sent where those between them are steps of answers.
  std::size_t historyMessages = 100;
  std::size_t historyTokens = 16'000;

  std::chrono::milliseconds firstByteTimeout{120'000};  ///< from the request to the answer's body
  std::chrono::milliseconds idleTimeout{60'000};        ///< without a byte, later on
  /// From the first request of a round to its answer's end. An answer that takes longer is cut: the
  /// text so far is the answer, with a warning; a round without text fails.
  std::chrono::milliseconds answerTimeout{600'000};

  /// How often a round is asked again after 408, 409, 425, 429, a status from 500 on (as an error
  /// in the answer, too), a connection that failed, an empty answer or silence, as long as nothing
  /// of an answer has come. Between two tries a time that doubles, somewhat at random, or what the
  /// server says (Retry-After): a server that wants more than maxRetryAfter is not asked again.
  int maxRetries = 3;
  std::chrono::milliseconds firstBackoff{500};
  std::chrono::milliseconds maxBackoff{20'000};
  std::chrono::milliseconds maxRetryAfter{60'000};

  /// The text of an answer. A longer one fails its round, and so does an answer of which 64 times
  /// as many bytes are sent. It bounds the memory for an answer, too: members that are not read
  /// cost none.
  std::size_t maxAnswerBytes = 16 * 1024 * 1024;

  /// Bytes that are kept of reasoning, and as many of tool calls, of which 100 at most; for each
  /// try. A log says where there was more.
  std::size_t maxReasoningBytes = 64 * 1024;

  /// One document, and all of a message. A document that is larger, missing, or neither text nor an
  /// image is left out, and a log of type `warning` says so.
  std::size_t maxDocumentBytes = 4 * 1024 * 1024;
  std::size_t maxDocumentsBytes = 16 * 1024 * 1024;
  DocumentLoader loadDocument;  ///< without one, documents count as missing

  std::vector<ModelPrice> prices;

  /// A file of certificates to trust instead of the system's, which must be there. Certificates are
  /// always verified.
  std::string caFile;
};

/// The options by name, as those of EngineOptions: see setOption and optionsJson in
/// chatbot/engine.h.
bool setOption(OpenAiOptions& options, std::string_view name, std::string_view text);
std::string optionsJson(const OpenAiOptions& options);

/// Two threads for all rounds, and one that prepares them; they start here. The server's name is
/// looked up on threads of libcurl's, eight at most at once: other rounds wait for what is found,
/// which their first byte's time counts in. (One that hangs after its round was stopped goes on by
/// itself until the system gives it up; with libcurl before 7.80 there is no bound.) Throws Error:
/// invalidArgument for options that do not fit, unsupported where the library was built without
/// libcurl.
std::shared_ptr<Responder> makeOpenAiResponder(OpenAiOptions options,
                                               std::shared_ptr<Environment> environment,
                                               LogFunction log);

/// Whether the library was built with libcurl.
bool hasOpenAiResponder() noexcept;

}  // namespace chatbot
