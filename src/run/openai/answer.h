// A model server's answer as it comes in: a stream of events, or one JSON document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "run/openai/chunk.h"
#include "run/openai/event_stream.h"

namespace chatbot {

class Answer {
 public:
  enum class Form { events, document };

  enum class Fault {
    none,
    reported,  // by the server, in its own words
    garbled,
    tooLarge
  };

  struct Bounds {
    std::size_t text = 0;       // of the answer
    std::size_t reasoning = 0;  // what is kept of it, and of the arguments of all tool calls
  };

  Answer(Form form, Bounds bounds);

  // Takes a piece of the body, which may be cut anywhere, and returns the text in it. After a fault
  // nothing more is read.
  std::string add(std::string_view piece);

  // The body has ended: returns the text of a document.
  std::string finish();

  // The server has said that there will be no more.
  bool isDone() const noexcept { return done_; }
  // Nothing is missing, though the server may not have said so.
  bool isWhole() const noexcept { return done_ || !finishReason_.empty(); }

  bool hasText() const noexcept { return textBytes_ > 0; }
  Fault fault() const noexcept { return fault_; }
  const std::string& serverWords() const noexcept { return serverWords_; }
  const std::optional<TokenUsage>& usage() const noexcept { return usage_; }

  // Reasoning, tool calls, and what kept the answer from being longer.
  std::vector<ItemContent> logs() const;

 private:
  struct ToolCall {
    std::string name;
    std::string arguments;
  };

  void readEvent(std::string_view data, std::string& text);
  void readChunk(std::string_view json, std::string& text);
  void readTools(const std::vector<ToolCallPart>& parts);
  void fail(Fault fault) noexcept { fault_ = fault; }

  const Form form_;
  const Bounds bounds_;
  EventStreamReader events_;
  std::string document_;
  std::size_t textBytes_ = 0;
  std::string reasoning_;
  std::vector<ToolCall> toolCalls_;
  std::size_t toolBytes_ = 0;
  std::string finishReason_;
  std::optional<TokenUsage> usage_;
  std::string serverWords_;
  Fault fault_ = Fault::none;
  bool done_ = false;
};

}  // namespace chatbot
