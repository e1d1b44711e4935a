// A model server's answer as it comes in: a stream of events, or one JSON document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "openai/asides.h"
#include "openai/chunk.h"
#include "openai/event_stream.h"
#include "openai/surrogates.h"

namespace chatbot::openai {

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

  // The body has ended and nothing of it is missing: returns the text of a document, or of a last
  // event that has no blank line after it.
  std::string finish();

  // The server has said that there will be no more.
  bool isDone() const noexcept { return done_; }
  // Nothing is missing, though the server may not have said so.
  bool isWhole() const noexcept { return done_ || !finishReason_.empty(); }

  bool hasText() const noexcept { return textBytes_ > 0; }
  Fault fault() const noexcept { return fault_; }
  const std::string& serverWords() const noexcept { return serverWords_; }
  // The status that stands for a reported error; 0 where the server gives none.
  long errorStatus() const noexcept { return errorStatus_; }
  const std::optional<TokenUsage>& usage() const noexcept { return usage_; }

  // Whether there are logs that should be kept now: of what is complete, or long enough.
  bool hasLogs() const noexcept { return asides_.areDue(); }
  // Whether there is something else that was not taken yet.
  bool hasOpenLogs() const noexcept { return asides_.areOpen(); }

  // Reasoning and tool calls that were not taken yet, those that have only begun too.
  std::vector<ItemContent> takeLogs() { return asides_.take(); }

  // No more is added: these, and what kept the answer from being longer.
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
  Asides asides_;
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
