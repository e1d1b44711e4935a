#include <array>
#include <charconv>

#include "option.h"

namespace chatbot::capi {
namespace {

// A text as it is; the environment's word is taken where it is empty.
template <auto Member>
constexpr Text text(const char* takes) {
  return {takes,
          [](Settings& settings, std::string_view value) {
            settings.openAi.*Member = value;
            return true;
          },
          [](const Settings& settings) { return settings.openAi.*Member; }};
}

bool setTemperature(Settings& settings, std::string_view value) {
  constexpr double kMaxTemperature = 2;
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, fault] = std::from_chars(value.data(), end, number);
  const bool isNumber = fault == std::errc{} && rest == end;
  if (!value.empty() && !(isNumber && number >= 0 && number <= kMaxTemperature)) return false;
  settings.openAi.temperature = value.empty() ? std::nullopt : std::optional(number);
  settings.openAiTemperature = value;
  return true;
}

bool setPrices(Settings& settings, std::string_view value) {
  settings.openAi.prices = value.empty() ? std::vector<ModelPrice>() : parsePrices(value);
  settings.openAiPrices = value;
  return true;
}

constexpr auto kOptions = std::to_array<Option>({
    {"openaiBaseUrl", "The model server of the responder openai",
     text<&OpenAiOptions::baseUrl>("its URL as far as /v1, or nothing for the one in the "
                                   "environment's OPENAI_BASE_URL")},
    {"openaiModel", "The model that is asked",
     text<&OpenAiOptions::model>("its name, or nothing for the one in OPENAI_MODEL")},
    {"openaiKey", "What the model server knows its caller by; neither logged nor stored",
     text<&OpenAiOptions::key>("a key, or nothing for the one in OPENAI_API_KEY, if there is one")},
    {"openaiSystemPrompt", "What the model is told before all else",
     text<&OpenAiOptions::systemPrompt>(
         "a text, where {userLanguage} stands for the user's language, or nothing")},
    {"openaiTemperature", "How much chance is in the answers",
     Text{"a number from 0 to 2, or nothing for the server's own", setTemperature,
          [](const Settings& settings) { return settings.openAiTemperature; }}},
    {"openaiHistoryMessages", "Messages of earlier rounds that the model is told at most",
     count<&Settings::openAi, &OpenAiOptions::historyMessages, 0>},
    {"openaiHistoryTokens",
     "Their tokens at most, estimated: a quarter of the ASCII characters, all others, and four for "
     "each message",
     count<&Settings::openAi, &OpenAiOptions::historyTokens, 0>},
    {"openaiFirstByteMs", "How long the model server may take until its answer begins",
     milliseconds<&Settings::openAi, &OpenAiOptions::firstByteTimeout>},
    {"openaiIdleMs", "How long it may be silent afterwards",
     milliseconds<&Settings::openAi, &OpenAiOptions::idleTimeout>},
    {"openaiRetries",
     "How often a round is asked again when the server is overloaded, fails or cannot be reached "
     "before the first text",
     Integer{0, 100,
             [](Settings& settings, std::int64_t value) {
               settings.openAi.maxRetries = static_cast<int>(value);
             },
             [](const Settings& settings) -> std::int64_t { return settings.openAi.maxRetries; }}},
    {"openaiFirstBackoffMs",
     "The time before a round is asked again the first time; it doubles with each, and is up to a "
     "half shorter by chance",
     milliseconds<&Settings::openAi, &OpenAiOptions::firstBackoff>},
    {"openaiMaxBackoffMs", "The longest such time",
     milliseconds<&Settings::openAi, &OpenAiOptions::maxBackoff>},
    {"openaiMaxRetryAfterMs",
     "What a server may ask to wait for; one that wants more is not asked again",
     milliseconds<&Settings::openAi, &OpenAiOptions::maxRetryAfter>},
    {"openaiMaxAnswerBytes", "The longest answer",
     count<&Settings::openAi, &OpenAiOptions::maxAnswerBytes>},
    {"openaiMaxReasoningBytes",
     "What is kept of a model's reasoning, and as much of its tool calls, for each try",
     count<&Settings::openAi, &OpenAiOptions::maxReasoningBytes, 0>},
    {"openaiMaxDocumentBytes", "The largest document that the model is given",
     count<&Settings::openAi, &OpenAiOptions::maxDocumentBytes>},
    {"openaiMaxDocumentsBytes", "All documents of a message together at most",
     count<&Settings::openAi, &OpenAiOptions::maxDocumentsBytes>},
    {"openaiPrices", "What a million tokens cost in US dollars",
     Text{R"(a JSON object, {"MODEL": {"in": 2.5, "out": 10}, "*": …}, or nothing)", setPrices,
          [](const Settings& settings) { return settings.openAiPrices; }}},
    {"openaiCaFile", "Certificates to trust in the place of the system's",
     text<&OpenAiOptions::caFile>("the path of a file, or nothing")},
});

}  // namespace

std::span<const Option> openAiOptions() { return kOptions; }

}  // namespace chatbot::capi
