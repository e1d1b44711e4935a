// The options of the responder openai by name: each member of OpenAiOptions that may be given as
// text, with its bounds.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/option.h"
#include "openai/options.h"

namespace chatbot::openai {
namespace {

using base::Integer;
using base::kMany;
using base::kMilliseconds;
using base::optionMember;
using base::OptionMember;
using base::OptionValue;
using base::Text;

constexpr double kMaxTemperature = 2;
constexpr Integer kCountOrNone{0, kMany};
constexpr Integer kBytes{1, kMany};  // below 2^30, which is the most that OpenSSL encodes at once

std::optional<double> parseTemperature(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, fault] = std::from_chars(text.data(), end, number);
  const bool fits = fault == std::errc{} && rest == end && number >= 0 && number <= kMaxTemperature;
  return fits ? std::optional(number) : std::nullopt;
}

bool isTemperatureOrEmpty(std::string_view text) {
  return text.empty() || parseTemperature(text).has_value();
}

constexpr OptionMember<OpenAiOptions> kTemperature{
    [](OpenAiOptions& options, const OptionValue& value) {
      options.temperature = parseTemperature(std::get<std::string>(value));
    },
    [](const OpenAiOptions& options) -> OptionValue {
      return options.temperature ? fmt::format("{}", *options.temperature) : std::string();
    }};

constexpr OptionMember<OpenAiOptions> kPrices{
    [](OpenAiOptions& options, const OptionValue& value) {
      const auto& json = std::get<std::string>(value);
      options.prices = json.empty() ? std::vector<ModelPrice>() : parsePrices(json);
    },
    nullptr};

constexpr auto kOptions = std::to_array<base::Option<OpenAiOptions>>({
    {"openaiBaseUrl", "Base URL of the model server",
     Text{"its URL as far as /v1, or nothing for the one in the environment's OPENAI_BASE_URL"},
     optionMember<&OpenAiOptions::baseUrl>},
    {"openaiModel", "Model that is asked", Text{"its name, or nothing for the one in OPENAI_MODEL"},
     optionMember<&OpenAiOptions::model>},
    {"openaiKey", "API key of the model server; neither logged nor stored",
     Text{"a key, or nothing for the one in OPENAI_API_KEY, if there is one"},
     optionMember<&OpenAiOptions::key>},
    {"openaiSystemPrompt", "System prompt",
     Text{"a text, where {userLanguage} stands for the user's language, or nothing"},
     optionMember<&OpenAiOptions::systemPrompt>},
    {"openaiTemperature", "Sampling temperature",
     Text{"a number from 0 to 2, or nothing for the server's own", isTemperatureOrEmpty},
     kTemperature},
    {"openaiHistoryMessages", "Maximum number of messages of earlier rounds in a request",
     kCountOrNone, optionMember<&OpenAiOptions::historyMessages>},
    {"openaiHistoryTokens",
     "Maximum number of their tokens, estimated as a quarter of the ASCII characters, all other "
     "characters, and four for each message",
     kCountOrNone, optionMember<&OpenAiOptions::historyTokens>},
    {"openaiFirstByteMs", "Maximum time from the request to the first byte of the answer's body",
     kMilliseconds, optionMember<&OpenAiOptions::firstByteTimeout>},
    {"openaiIdleMs", "Maximum silence of the server within an answer", kMilliseconds,
     optionMember<&OpenAiOptions::idleTimeout>},
    {"openaiAnswerMs", "Maximum time of an answer, retries included; then it is cut", kMilliseconds,
     optionMember<&OpenAiOptions::answerTimeout>},
    {"openaiRetries",
     "Maximum number of retries of a round whose server is overloaded, fails or cannot be reached "
     "before the first text",
     Integer{0, 100}, optionMember<&OpenAiOptions::maxRetries>},
    {"openaiFirstBackoffMs",
     "Delay before the first retry; it doubles with each retry, and is up to a half shorter by "
     "chance",
     kMilliseconds, optionMember<&OpenAiOptions::firstBackoff>},
    {"openaiMaxBackoffMs", "Maximum delay before a retry", kMilliseconds,
     optionMember<&OpenAiOptions::maxBackoff>},
    {"openaiMaxRetryAfterMs", "Maximum Retry-After; a server that asks for more is not asked again",
     kMilliseconds, optionMember<&OpenAiOptions::maxRetryAfter>},
    {"openaiMaxAnswerBytes", "Maximum size of an answer", kBytes,
     optionMember<&OpenAiOptions::maxAnswerBytes>},
    {"openaiMaxReasoningBytes",
     "Maximum size of the reasoning that is kept of each try, and of its tool calls", kCountOrNone,
     optionMember<&OpenAiOptions::maxReasoningBytes>},
    {"openaiMaxDocumentBytes", "Maximum size of a document that is sent to the model", kBytes,
     optionMember<&OpenAiOptions::maxDocumentBytes>},
    {"openaiMaxDocumentsBytes", "Maximum size of all documents of a message", kBytes,
     optionMember<&OpenAiOptions::maxDocumentsBytes>},
    {"openaiPrices", "Price of a million tokens in US dollars",
     Text{R"(a JSON object, {"MODEL": {"in": 2.5, "out": 10}, "*": …}, or nothing)"}, kPrices},
    {"openaiCaFile", "Certificates to trust instead of the system's",
     Text{"the path of a file, or nothing"}, optionMember<&OpenAiOptions::caFile>},
});

constexpr base::OptionTable<OpenAiOptions> kTable(kOptions);

}  // namespace

void checkBounds(const OpenAiOptions& options) { base::checkOptions(kTable, options); }

}  // namespace chatbot::openai

namespace chatbot {

bool setOption(OpenAiOptions& options, std::string_view name, std::string_view text) {
  return base::setOption(openai::kTable, options, name, text);
}

std::string optionsJson(const OpenAiOptions& options) {
  return base::optionsJson(openai::kTable, options);
}

}  // namespace chatbot
