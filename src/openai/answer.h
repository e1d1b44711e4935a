// A model server's answer while it arrives: a stream of events, or one JSON document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "openai/chunk.h"
#include "openai/event_stream.h"
#include "openai/side_output.h"

namespace chatbot::openai {

// Not synchronised: CompletionRequest guards it.
class Answer {
 public:
  enum class Form { events, document };

  enum class Fault {
    none,
    reported,  // the server has sent an error
    garbled,   // no JSON object where one should be
    tooLarge   // beyond Bounds::text, or an event beyond 1 MiB
  };

  struct Bounds {
    std::size_t text = 0;       // bytes of the answer
    std::size_t reasoning = 0;  // bytes kept of reasoning, and as many of tool calls
  };

  Answer(Form form, Bounds bounds);

  // Takes a piece of the body, which may be cut anywhere, and returns the answer's text in it.
  // After a fault the rest is ignored.
  std::string add(std::string_view piece);

  // To be called when the whole body has arrived: returns the text of a document, or of a last
  // event without a blank line after it.
  std::string finish();

  // Whether the server has said that the answer is over.
  bool isDone() const noexcept { return done_; }
  // Whether the text is complete, though the server may not have said that it is over.
  bool isWhole() const noexcept { return done_ || !finishReason_.empty(); }

  bool hasText() const noexcept { return textBytes_ > 0; }
  Fault fault() const noexcept { return fault_; }
  const std::string& serverWords() const noexcept { return serverWords_; }
  // The HTTP status that a reported error names; 0 where it names none.
  long errorStatus() const noexcept { return errorStatus_; }
  const std::optional<TokenUsage>& usage() const noexcept { return usage_; }

  // Whether there are complete logs to take; whether some have begun.
  bool hasLogs() const noexcept { return sideOutput_.areDue(); }
  bool hasOpenLogs() const noexcept { return sideOutput_.areOpen(); }

  // Returns the side output that was not taken yet, also of what has only begun.
  std::vector<ItemContent> takeLogs() { return sideOutput_.take(); }

  // To be called after the end: returns the rest of the side output, and a warning for an answer
  // that was cut or refused.
  std::vector<ItemContent> takeLastLogs();

 private:
  std::string finishEvents();
  void readEvent(std::string_view data, std::string& text);
  void readChunk(std::string_view json, std::string& text);
  void fail(Fault fault) noexcept { fault_ = fault; }

  const Form form_;
  const Bounds bounds_;
  EventStreamReader events_;
  std::string document_;
  std::size_t textBytes_ = 0;
  SideOutput sideOutput_;
  bool refused_ = false;
  std::string finishReason_;
  std::optional<TokenUsage> usage_;
  std::string serverWords_;
  long errorStatus_ = 0;
  Surrogates surrogates_;
  Fault fault_ = Fault::none;
  bool done_ = false;
};

}  // namespace chatbot::openai
