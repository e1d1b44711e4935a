#include "openai/chunk.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/json_input.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

using base::Json;
using base::memberOf;

struct Member {
  std::string_view name;
  MemberUse use;
};

// All that is read, at whatever depth it stands, in the order of names.
constexpr auto kMembers = std::to_array<Member>({
    {"arguments", MemberUse::keep},
    {"audio", MemberUse::miss},
    {"base_resp", MemberUse::descend},
    {"choices", MemberUse::descend},
    {"code", MemberUse::descend},
    {"completion_tokens", MemberUse::descend},
    {"content", MemberUse::descend},
    {"delta", MemberUse::descend},
    {"detail", MemberUse::descend},
    {"error", MemberUse::descend},
    {"error_code", MemberUse::descend},
    {"error_msg", MemberUse::descend},
    {"errors", MemberUse::descend},
    {"finish_reason", MemberUse::descend},
    {"function", MemberUse::descend},
    {"function_call", MemberUse::descend},
    {"id", MemberUse::descend},
    {"image_url", MemberUse::miss},
    {"images", MemberUse::miss},
    {"index", MemberUse::descend},
    {"input_audio", MemberUse::miss},
    {"input_tokens", MemberUse::descend},
    {"message", MemberUse::descend},
    {"msg", MemberUse::descend},
    {"name", MemberUse::descend},
    {"object", MemberUse::descend},
    {"output_tokens", MemberUse::descend},
    {"prompt_tokens", MemberUse::descend},
    {"reasoning", MemberUse::descend},
    {"reasoning_content", MemberUse::descend},
    {"reasoning_details", MemberUse::descend},
    {"reasoning_text", MemberUse::descend},
    {"refusal", MemberUse::descend},
    {"status", MemberUse::descend},
    {"status_code", MemberUse::descend},
    {"status_msg", MemberUse::descend},
    {"success", MemberUse::descend},
    {"summary", MemberUse::descend},
    {"text", MemberUse::descend},
    {"thinking", MemberUse::descend},
    {"thinking_blocks", MemberUse::descend},
    {"tool_calls", MemberUse::descend},
    {"type", MemberUse::descend},
    {"usage", MemberUse::descend},
    {"value", MemberUse::descend},
    {"x_groq", MemberUse::descend},
});
static_assert(std::ranges::is_sorted(kMembers, {}, &Member::name));

// Several members may say the same: the first that is not empty counts.
constexpr auto kReasoning =
    std::to_array<std::string_view>({"reasoning_content", "reasoning", "reasoning_text", "thinking",
                                     "reasoning_details", "thinking_blocks"});
constexpr auto kTextOfPart = std::to_array<std::string_view>(
    {"text", "value", "content", "thinking", "reasoning", "summary", "refusal"});
constexpr auto kInput = std::to_array<std::string_view>({"prompt_tokens", "input_tokens"});
constexpr auto kOutput = std::to_array<std::string_view>({"completion_tokens", "output_tokens"});

// A text may stand by itself, in an object, or in a list of both.
std::string textIn(const Json& value) {
  std::string text;
  if (value.is_string()) text = value.get<std::string>();
  if (value.is_array()) {
    for (const Json& part : value) text += textIn(part);
  }
  if (!value.is_object()) return text;
  for (const std::string_view name : kTextOfPart) {
    if (text = textIn(memberOf(value, name)); !text.empty()) break;
  }
  return text;
}

std::string textOf(const Json& object, std::string_view name) {
  const Json& value = memberOf(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t countOf(const Json& object, std::string_view name) {
  const Json& value = memberOf(object, name);
  constexpr double kMost = 1e15;
  const double count = value.is_number() ? value.get<double>() : 0;
  return static_cast<std::int64_t>(std::clamp(count, 0.0, kMost));
}

template <std::size_t Size>
std::int64_t countOf(const Json& object, const std::array<std::string_view, Size>& names) {
  std::int64_t count = 0;
  for (const std::string_view name : names) count = std::max(count, countOf(object, name));
  return count;
}

void readUsage(Chunk& chunk, const Json& object) {
  const Json& usage = memberOf(object, "usage");
  if (!usage.is_object()) return;
  chunk.usage.input = std::max(chunk.usage.input, countOf(usage, kInput));
  chunk.usage.output = std::max(chunk.usage.output, countOf(usage, kOutput));
}

void refuse(Chunk& chunk, const std::string& refusal) {
  chunk.refuses = chunk.refuses || !refusal.empty();
  chunk.text += refusal;
}

// A part of the content is text unless it says that it is something else.
void readPart(Chunk& chunk, const Json& part) {
  const std::string type = textOf(part, "type");
  if (type == "refusal") {
    refuse(chunk, textIn(part));
  } else if (type.starts_with("thinking") || type.starts_with("reasoning")) {
    chunk.reasoning += textIn(part);
  } else {
    chunk.text += textIn(part);
  }
}

void readContent(Chunk& chunk, const Json& content) {
  if (content.is_string()) chunk.text += content.get_ref<const std::string&>();
  if (content.is_object()) readPart(chunk, content);
  if (!content.is_array()) return;
  for (const Json& part : content) readContent(chunk, part);
}

void readReasoning(Chunk& chunk, const Json& delta) {
  for (const std::string_view name : kReasoning) {
    const std::string reasoning = textIn(memberOf(delta, name));
    chunk.reasoning += reasoning;
    if (!reasoning.empty()) return;
  }
}

void readFunction(ToolCallPart& part, const Json& function) {
  if (!function.is_object()) return;
  part.name = textOf(function, "name");
  const Json& arguments = memberOf(function, "arguments");
  if (arguments.is_string()) part.arguments = arguments.get<std::string>();
  if (arguments.is_structured()) part.arguments = arguments.dump();
}

// Where neither an id nor an index names the call, its index in the list does, unless it is the
// first: that one may go on with the last call.
ToolCallPart toolCallOf(const Json& call, std::size_t position) {
  ToolCallPart part{.index = std::nullopt, .id = textOf(call, "id"), .name = {}, .arguments = {}};
  if (memberOf(call, "index").is_number()) {
    part.index = static_cast<std::size_t>(countOf(call, "index"));
  } else if (part.id.empty() && position > 0) {
    part.index = position;
  }
  readFunction(part, memberOf(call, "function"));
  return part;
}

void readToolCalls(Chunk& chunk, const Json& delta) {
  const Json& calls = memberOf(delta, "tool_calls");
  if (calls.is_array()) {
    for (const Json& call : calls) {
      if (call.is_object()) chunk.toolCalls.push_back(toolCallOf(call, chunk.toolCalls.size()));
    }
  }
  const Json& function = memberOf(delta, "function_call");  // before there were tools
  if (function.is_object()) readFunction(chunk.toolCalls.emplace_back(), function);
}

void readDelta(Chunk& chunk, const Json& delta) {
  readContent(chunk, memberOf(delta, "content"));
  refuse(chunk, textIn(memberOf(delta, "refusal")));
  readReasoning(chunk, delta);
  readToolCalls(chunk, delta);
}

void readChoice(Chunk& chunk, const Json& choice) {
  const Json& delta = memberOf(choice, "delta");
  const Json& message = memberOf(choice, "message");
  const bool hasDelta = delta.is_object() && !delta.empty();
  chunk.isMessage = !hasDelta && message.is_object();
  if (hasDelta || chunk.isMessage) readDelta(chunk, hasDelta ? delta : message);
  if (!hasDelta && !chunk.isMessage) chunk.text += textIn(memberOf(choice, "text"));
  if (const std::string word = textOf(choice, "finish_reason"); !word.empty()) {
    chunk.finishReason = word;
  }
  readUsage(chunk, choice);
  if (!chunk.error) chunk.error = errorIn(choice);
}

// A choice that does not tell its index has that of its place in the list.
std::size_t indexOf(const Json& choices, std::size_t position) {
  const bool tells = memberOf(choices[position], "index").is_number();
  return tells ? static_cast<std::size_t>(countOf(choices[position], "index")) : position;
}

// All choices of one index are parts of one answer.
void readChoices(Chunk& chunk, const Json& choices, std::optional<std::size_t> wanted) {
  if (!choices.is_array()) return;
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t index = kNone;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].is_object()) index = std::min(index, indexOf(choices, i));
  }
  index = wanted.value_or(index);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].is_object() || indexOf(choices, i) != index) continue;
    chunk.choice = index;
    readChoice(chunk, choices[i]);
  }
}

std::optional<Json> parseLeniently(std::string_view text) {
  if (std::optional<Json> parsed = base::parseJson(text)) return parsed;
  if (base::isUtf8(text)) return std::nullopt;
  return base::parseJson(base::toUtf8(text));
}

}  // namespace

MemberUse useOfMember(std::string_view name) {
  const auto found = std::ranges::lower_bound(kMembers, name, {}, &Member::name);
  return found != kMembers.end() && found->name == name ? found->use : MemberUse::drop;
}

std::optional<Chunk> parseChunk(std::string_view json, std::optional<std::size_t> choice) {
  const std::optional<Json> parsed = parseLeniently(json);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  Chunk chunk;
  readChoices(chunk, memberOf(*parsed, "choices"), choice);
  readUsage(chunk, *parsed);
  if (const Json& groq = memberOf(*parsed, "x_groq"); groq.is_object()) readUsage(chunk, groq);
  if (!chunk.error) chunk.error = errorIn(*parsed);
  if (!chunk.choice && !chunk.error) chunk.remark = errorOfDocument(*parsed);
  return chunk;
}

}  // namespace chatbot::openai
