#include "openai/answer.h"

#include <utility>

#include "chatbot/error.h"

namespace chatbot::openai {
namespace {

// An event carries a few tokens: a larger one does not come from a server that streams.
constexpr std::size_t kMaxEvent = 1024 * 1024;

// Room in a document besides the answer's text: escapes, reasoning, tool calls.
constexpr std::size_t kAroundText = 4 * 1024 * 1024;

}  // namespace

Answer::Answer(Form form, Bounds bounds)
    : form_(form), bounds_(bounds), events_(kMaxEvent), sideOutput_(bounds.reasoning) {}

std::string Answer::add(std::string_view piece) {
  std::string text;
  if (fault_ != Fault::none || done_) return text;
  if (form_ == Form::document) {
    if (document_.size() + piece.size() > bounds_.text + kAroundText) {
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
  if (fault_ != Fault::none || done_) return text;
  if (form_ == Form::events) return finishEvents();
  readChunk(std::exchange(document_, {}), text);
  done_ = fault_ == Fault::none;
  return text;
}

// A last event that is no JSON was cut off: that is told as an answer that has broken off.
std::string Answer::finishEvents() {
  std::string text;
  try {
    events_.finish([&](std::string_view data) { readEvent(data, text); });
  } catch (const Error&) {
    fail(Fault::tooLarge);
  }
  if (fault_ == Fault::garbled) fail(Fault::none);
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
  const std::optional<Chunk> chunk = parseChunk(surrogates_.joined(json));
  if (!chunk) return fail(Fault::garbled);
  if (chunk->error) {
    serverWords_ = chunk->error->words;
    errorStatus_ = chunk->error->status;
    return fail(Fault::reported);
  }
  if (textBytes_ + chunk->text.size() > bounds_.text) return fail(Fault::tooLarge);
  textBytes_ += chunk->text.size();
  text += chunk->text;
  refused_ = refused_ || chunk->refuses;
  sideOutput_.addReasoning(chunk->reasoning);
  if (!chunk->text.empty()) sideOutput_.textFollows();
  sideOutput_.addToolCalls(chunk->toolCalls);
  if (!chunk->finishReason.empty()) finishReason_ = chunk->finishReason;
  if (chunk->usage) usage_ = chunk->usage;
}

std::vector<ItemContent> Answer::takeLastLogs() {
  std::vector<ItemContent> logs = sideOutput_.takeLast();
  if (refused_) logs.emplace_back(logOf("The model has refused to answer", "warning"));
  if (finishReason_ == "length") {
    logs.emplace_back(logOf("The answer was cut: the model has reached its limit", "warning"));
  }
  if (finishReason_ == "content_filter") {
    logs.emplace_back(logOf("The answer was cut by the model server's filter", "warning"));
  }
  return logs;
}

}  // namespace chatbot::openai
