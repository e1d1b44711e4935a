#include "run/openai/answer.h"

#include <algorithm>
#include <utility>

#include "chatbot/error.h"
#include "model/json_text.h"
#include "model/text.h"

namespace chatbot {
namespace {

// What JSON needs for a text at most (an escape of six characters for each byte), and around it.
std::size_t bytesAsJson(std::size_t text) { return text * 6 + 64 * 1024; }

// Adds as much as fits, in whole code points.
void addWithin(std::string& text, std::string_view more, std::size_t room) {
  more = more.substr(0, room);
  text += more.substr(0, bytesOfWhole(more));
}

Log logOf(std::string message, const char* type) {
  Log log;
  log.message = std::move(message);
  log.type = type;
  return log;
}

}  // namespace

Answer::Answer(Form form, Bounds bounds)
    : form_(form), bounds_(bounds), events_(bytesAsJson(bounds.text)) {}

std::string Answer::add(std::string_view piece) {
  std::string text;
  if (fault_ != Fault::none || done_) return text;
  if (form_ == Form::document) {
    if (document_.size() + piece.size() > bytesAsJson(bounds_.text)) {
      fail(Fault::tooLarge);
    } else {
      document_ += piece;
    }
    return text;
  }
  try {
    events_.add(piece, [&](std::string_view data) { readEvent(data, text); });
  } catch (const Error&) {
    fail(Fault::tooLarge);
  }
  return text;
}

std::string Answer::finish() {
  std::string text;
  if (form_ == Form::events || fault_ != Fault::none) return text;
  readChunk(std::exchange(document_, {}), text);
  done_ = fault_ == Fault::none;
  return text;
}

void Answer::readEvent(std::string_view data, std::string& text) {
  if (fault_ != Fault::none || done_) return;
  if (data == "[DONE]") {
    done_ = true;
  } else if (!data.empty()) {
    readChunk(data, text);
  }
}

void Answer::readChunk(std::string_view json, std::string& text) {
  const std::optional<Chunk> chunk = parseChunk(json);
  if (!chunk) return fail(Fault::garbled);
  if (chunk->error) {
    serverWords_ = *chunk->error;
    return fail(Fault::reported);
  }
  if (textBytes_ + chunk->text.size() > bounds_.text) return fail(Fault::tooLarge);
  textBytes_ += chunk->text.size();
  text += chunk->text;
  addWithin(reasoning_, chunk->reasoning, bounds_.reasoning - reasoning_.size());
  readTools(chunk->toolCalls);
  if (!chunk->finishReason.empty()) finishReason_ = chunk->finishReason;
  if (chunk->usage) usage_ = chunk->usage;
}

void Answer::readTools(const std::vector<ToolCallPart>& parts) {
  for (const ToolCallPart& part : parts) {
    if (toolCalls_.size() <= part.index) toolCalls_.resize(part.index + 1);
    for (const auto& [kept, more] : {std::pair(&ToolCall::name, &part.name),
                                     std::pair(&ToolCall::arguments, &part.arguments)}) {
      std::string& text = toolCalls_[part.index].*kept;
      const std::size_t before = text.size();
      addWithin(text, *more, bounds_.reasoning - toolBytes_);
      toolBytes_ += text.size() - before;
    }
  }
}

std::vector<ItemContent> Answer::logs() const {
  std::vector<ItemContent> logs;
  if (!reasoning_.empty()) logs.emplace_back(logOf("Reasoning: " + reasoning_, "info"));
  for (const ToolCall& call : toolCalls_) {
    if (call.name.empty() && call.arguments.empty()) continue;
    logs.emplace_back(logOf("Tool call: " + call.name + "(" + call.arguments + ")", "info"));
  }
  if (finishReason_ == "length") {
    logs.emplace_back(logOf("The answer was cut: the model has reached its limit", "warning"));
  }
  if (finishReason_ == "content_filter") {
    logs.emplace_back(logOf("The answer was cut by the model server's filter", "warning"));
  }
  return logs;
}

}  // namespace chatbot
