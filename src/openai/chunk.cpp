#include "openai/chunk.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/json_input.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

std::string textOf(const base::Json& object, std::string_view name) {
  const base::Json& value = base::memberOf(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t countOf(const base::Json& object, std::string_view name) {
  const base::Json& value = base::memberOf(object, name);
  constexpr double kMost = 1e15;
  const double count = value.is_number() ? value.get<double>() : 0;
  return static_cast<std::int64_t>(std::clamp(count, 0.0, kMost));
}

// Some servers send the content as a list of parts.
std::string contentOf(const base::Json& delta) {
  const base::Json& content = base::memberOf(delta, "content");
  if (!content.is_array()) return textOf(delta, "content");
  std::string text;
  for (const base::Json& part : content) {
    if (part.is_object()) text += textOf(part, "text");
  }
  return text;
}

void readFunction(ToolCallPart& part, const base::Json& function) {
  if (!function.is_object()) return;
  part.name = textOf(function, "name");
  part.arguments = textOf(function, "arguments");
}

// Where neither an id nor an index names the call, its index in the list does, unless it is the
// first: that one may go on with the last call.
ToolCallPart toolCallOf(const base::Json& call, std::size_t position) {
  ToolCallPart part{.index = std::nullopt, .id = textOf(call, "id"), .name = {}, .arguments = {}};
  if (base::memberOf(call, "index").is_number()) {
    part.index = static_cast<std::size_t>(countOf(call, "index"));
  } else if (part.id.empty() && position > 0) {
    part.index = position;
  }
  readFunction(part, base::memberOf(call, "function"));
  return part;
}

void readToolCalls(Chunk& chunk, const base::Json& delta) {
  const base::Json& calls = base::memberOf(delta, "tool_calls");
  if (calls.is_array()) {
    for (const base::Json& call : calls) {
      if (call.is_object()) chunk.toolCalls.push_back(toolCallOf(call, chunk.toolCalls.size()));
    }
  }
  const base::Json& function = base::memberOf(delta, "function_call");  // before there were tools
  if (function.is_object()) readFunction(chunk.toolCalls.emplace_back(), function);
}

std::string reasoningDetailsOf(const base::Json& delta) {
  const base::Json& details = base::memberOf(delta, "reasoning_details");
  std::string text;
  if (!details.is_array()) return text;
  for (const base::Json& detail : details) {
    if (detail.is_object()) text += textOf(detail, "text") + textOf(detail, "summary");
  }
  return text;
}

void readDelta(Chunk& chunk, const base::Json& delta) {
  chunk.text = contentOf(delta);
  const std::string refusal = textOf(delta, "refusal");
  chunk.refuses = !refusal.empty();
  chunk.text += refusal;
  chunk.reasoning = textOf(delta, "reasoning_content");
  if (chunk.reasoning.empty()) chunk.reasoning = textOf(delta, "reasoning");
  if (chunk.reasoning.empty()) chunk.reasoning = reasoningDetailsOf(delta);
  readToolCalls(chunk, delta);
}

void readChoice(Chunk& chunk, const base::Json& choice) {
  chunk.finishReason = textOf(choice, "finish_reason");
  const base::Json& delta = base::memberOf(choice, "delta");
  const base::Json& content = delta.is_object() ? delta : base::memberOf(choice, "message");
  if (content.is_object()) readDelta(chunk, content);
}

std::string wordsOf(const base::Json& error) {
  if (error.is_string()) return error.get<std::string>();
  if (error.is_object() && base::memberOf(error, "message").is_string())
    return textOf(error, "message");
  return error.dump();
}

// A code that is a name, such as `rate_limit_exceeded`, is no status.
long statusOf(const base::Json& error) {
  if (!error.is_object()) return 0;
  const base::Json& code = base::memberOf(error, "code");
  long status = 0;
  if (code.is_string()) {
    const auto& digits = code.get_ref<const std::string&>();
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), status);
    if (read.ptr != digits.data() + digits.size()) return 0;
  } else {
    status = static_cast<long>(countOf(error, "code"));
  }
  return status >= 400 && status < 600 ? status : 0;
}

std::optional<ServerError> errorOf(const base::Json& object) {
  const base::Json& error = base::memberOf(object, "error");
  if (error.is_null()) return std::nullopt;
  return ServerError{.words = wordsOf(error), .status = statusOf(error)};
}

bool isFirst(const base::Json& choice) {
  const base::Json& index = base::memberOf(choice, "index");
  return !index.is_number() || index == 0;
}

std::optional<base::Json> parseLeniently(std::string_view text) {
  if (std::optional<base::Json> parsed = base::parseJson(text)) return parsed;
  if (base::isUtf8(text)) return std::nullopt;
  return base::parseJson(base::toUtf8(text));
}

constexpr std::size_t kEscape = 6;  // \uXXXX
constexpr std::string_view kReplacement = "\\ufffd";

// The code unit of an escape that the text begins with; 0 where it begins with none.
unsigned unitOf(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < kEscape || !text.starts_with("\\u")) return unit;
  const char* const end = text.data() + kEscape;
  return std::from_chars(text.data() + 2, end, unit, 16).ptr == end ? unit : 0;
}

bool isHigh(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLow(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

std::optional<Chunk> parseChunk(std::string_view json) {
  const std::optional<base::Json> parsed = parseLeniently(json);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  Chunk chunk;
  chunk.error = errorOf(*parsed);
  const base::Json& choices = base::memberOf(*parsed, "choices");
  if (choices.is_array()) {
    const auto isIt = [](const base::Json& choice) {
      return choice.is_object() && isFirst(choice);
    };
    const auto first = std::ranges::find_if(choices, isIt);
    if (first != choices.end()) readChoice(chunk, *first);
  }
  const base::Json& usage = base::memberOf(*parsed, "usage");
  if (usage.is_object()) {
    chunk.usage = TokenUsage{.input = countOf(usage, "prompt_tokens"),
                             .output = countOf(usage, "completion_tokens")};
  }
  return chunk;
}

std::string errorWords(std::string_view body) {
  const std::optional<base::Json> parsed = base::parseJson(body);
  if (!parsed || !parsed->is_object()) return base::toUtf8(body);
  if (std::optional<ServerError> error = errorOf(*parsed)) return std::move(error->words);
  for (const char* const name : {"message", "detail"}) {
    if (std::string words = textOf(*parsed, name); !words.empty()) return words;
  }
  return base::toUtf8(body);
}

std::string_view Surrogates::joined(std::string_view json) {
  if (json.find("\\u") == std::string_view::npos) return json;
  mended_.clear();
  next_.clear();
  const bool wasHalf = !half_.empty();
  bool isUsed = false;
  while (!json.empty()) {
    const std::size_t plain = json.find('\\');
    mended_ += json.substr(0, plain);
    if (plain == std::string_view::npos) break;
    json.remove_prefix(plain);
    isUsed = isUsed || isLow(unitOf(json));
    readEscape(json);
  }
  if (!next_.empty() || (wasHalf && isUsed)) half_ = std::exchange(next_, {});
  return mended_;
}

void Surrogates::readEscape(std::string_view& json) {
  const unsigned unit = unitOf(json);
  const bool isPair = isHigh(unit) && isLow(unitOf(json.substr(kEscape)));
  const std::size_t size = isPair ? 2 * kEscape : (unit != 0 ? kEscape : 2);
  const std::string_view escape = json.substr(0, size);
  json.remove_prefix(escape.size());
  if (isPair || (!isHigh(unit) && !isLow(unit))) {
    mended_ += escape;
  } else if (isHigh(unit) && json.starts_with('"')) {
    next_ = escape;
  } else if (isLow(unit) && !half_.empty()) {
    mended_.append(half_).append(escape);
  } else {
    mended_ += kReplacement;
  }
}

}  // namespace chatbot::openai
