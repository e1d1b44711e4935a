#include "openai/option_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

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
    {"openaiBaseUrl", "The model server of the responder openai",
     Text{"its URL as far as /v1, or nothing for the one in the environment's OPENAI_BASE_URL"},
     optionMember<&OpenAiOptions::baseUrl>},
    {"openaiModel", "The model that is asked",
     Text{"its name, or nothing for the one in OPENAI_MODEL"}, optionMember<&OpenAiOptions::model>},
    {"openaiKey", "What the model server knows its caller by; neither logged nor stored",
     Text{"a key, or nothing for the one in OPENAI_API_KEY, if there is one"},
     optionMember<&OpenAiOptions::key>},
    {"openaiSystemPrompt", "What the model is told before all else",
     Text{"a text, where {userLanguage} stands for the user's language, or nothing"},
     optionMember<&OpenAiOptions::systemPrompt>},
    {"openaiTemperature", "How much chance is in the answers",
     Text{"a number from 0 to 2, or nothing for the server's own", isTemperatureOrEmpty},
     kTemperature},
    {"openaiHistoryMessages", "Messages of earlier rounds that the model is told at most",
     kCountOrNone, optionMember<&OpenAiOptions::historyMessages>},
    {"openaiHistoryTokens",
     "Their tokens at most, estimated: a quarter of the ASCII characters, all others, and four for "
     "each message",
     kCountOrNone, optionMember<&OpenAiOptions::historyTokens>},
    {"openaiFirstByteMs", "How long the model server may take until its answer begins",
     kMilliseconds, optionMember<&OpenAiOptions::firstByteTimeout>},
    {"openaiIdleMs", "How long it may be silent afterwards", kMilliseconds,
     optionMember<&OpenAiOptions::idleTimeout>},
    {"openaiRetries",
     "How often a round is asked again when the server is overloaded, fails or cannot be reached "
     "before the first text",
     Integer{0, 100}, optionMember<&OpenAiOptions::maxRetries>},
    {"openaiFirstBackoffMs",
     "The time before a round is asked again the first time; it doubles with each, and is up to a "
     "half shorter by chance",
     kMilliseconds, optionMember<&OpenAiOptions::firstBackoff>},
    {"openaiMaxBackoffMs", "The longest such time", kMilliseconds,
     optionMember<&OpenAiOptions::maxBackoff>},
    {"openaiMaxRetryAfterMs",
     "What a server may ask to wait for; one that wants more is not asked again", kMilliseconds,
     optionMember<&OpenAiOptions::maxRetryAfter>},
    {"openaiMaxAnswerBytes", "The longest answer", kBytes,
     optionMember<&OpenAiOptions::maxAnswerBytes>},
    {"openaiMaxReasoningBytes",
     "What is kept of a model's reasoning, and as much of its tool calls, for each try",
     kCountOrNone, optionMember<&OpenAiOptions::maxReasoningBytes>},
    {"openaiMaxDocumentBytes", "The largest document that the model is given", kBytes,
     optionMember<&OpenAiOptions::maxDocumentBytes>},
    {"openaiMaxDocumentsBytes", "All documents of a message together at most", kBytes,
     optionMember<&OpenAiOptions::maxDocumentsBytes>},
    {"openaiPrices", "What a million tokens cost in US dollars",
     Text{R"(a JSON object, {"MODEL": {"in": 2.5, "out": 10}, "*": …}, or nothing)"}, kPrices},
    {"openaiCaFile", "Certificates to trust in the place of the system's",
     Text{"the path of a file, or nothing"}, optionMember<&OpenAiOptions::caFile>},
});

}  // namespace

base::OptionTable<OpenAiOptions> optionTable() { return kOptions; }

}  // namespace chatbot::openai
