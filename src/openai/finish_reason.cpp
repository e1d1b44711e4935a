#include "openai/finish_reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "openai/server_error.h"

namespace chatbot::openai {
namespace {

struct Word {
  std::string_view word;
  Finish finish;
};

// The words of OpenAI, Azure, Anthropic, Gemini, Mistral, DeepSeek, Cohere, Moonshot, OpenRouter,
// vLLM, llama.cpp and text-generation-inference, in lower case.
constexpr auto kWords = std::to_array<Word>({
    {"stop", Finish::complete},
    {"end_turn", Finish::complete},
    {"eos", Finish::complete},
    {"eos_token", Finish::complete},
    {"stop_sequence", Finish::complete},
    {"complete", Finish::complete},
    {"completed", Finish::complete},
    {"finished", Finish::complete},
    {"tool_calls", Finish::complete},
    {"tool_call", Finish::complete},
    {"tool_use", Finish::complete},
    {"function_call", Finish::complete},
    {"length", Finish::cut},
    {"max_tokens", Finish::cut},
    {"max_output_tokens", Finish::cut},
    {"max_length", Finish::cut},
    {"model_length", Finish::cut},
    {"model_context_window_exceeded", Finish::cut},
    {"repetition_truncation", Finish::cut},
    {"content_filter", Finish::filtered},
    {"content_filtered", Finish::filtered},
    {"safety", Finish::filtered},
    {"sensitive", Finish::filtered},
    {"recitation", Finish::filtered},
    {"blocklist", Finish::filtered},
    {"prohibited_content", Finish::filtered},
    {"spii", Finish::filtered},
    {"image_safety", Finish::filtered},
    {"guardrail_intervened", Finish::filtered},
    {"error_toxic", Finish::filtered},
    {"refusal", Finish::refused},
    {"error", Finish::failed},
    {"abort", Finish::failed},
    {"aborted", Finish::failed},
    {"cancelled", Finish::failed},
    {"canceled", Finish::failed},
    {"failed", Finish::failed},
    {"timeout", Finish::failed},
    {"error_limit", Finish::failed},
    {"network_error", Finish::failed},
    {"server_error", Finish::failed},
    {"internal_error", Finish::failed},
    {"engine_overloaded", Finish::failed},
    {"insufficient_system_resource", Finish::failed},
    {"malformed_function_call", Finish::failed},
});

}  // namespace

Finish finishOf(std::string_view word) {
  const std::string folded = base::foldCase(word);
  if (folded.empty() || folded == "null") return Finish::none;
  const auto found = std::ranges::find(kWords, std::string_view(folded), &Word::word);
  return found == kWords.end() ? Finish::unknown : found->finish;
}

std::string warningOf(Finish finish, std::string_view word) {
  const std::string reason = identifierIn(word);
  switch (finish) {
    case Finish::cut:
      return "The answer was cut: the model has reached its limit";
    case Finish::filtered:
      return fmt::format("The answer was cut by the model server's filter ({})", reason);
    case Finish::refused:
      return "The model has refused to answer";
    case Finish::unknown:
      return reason.empty() ? "The answer has ended for a reason that is not known"
                            : fmt::format("The answer has ended for the reason {}", reason);
    default:
      return {};
  }
}

}  // namespace chatbot::openai
