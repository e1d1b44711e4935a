// A model server's answer while it arrives: a stream of events, or JSON documents.
//
// The first byte that is not blank decides: `{` begins a document, all else is a stream of events.
// What the server says of its form is not asked: too many say another one than they send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "openai/chunk.h"
#include "openai/event_stream.h"
#include "openai/finish_reason.h"
#include "openai/side_output.h"
#include "openai/surrogates.h"

namespace chatbot::openai {

// Not synchronised: CompletionRequest guards it.
class Answer final : private EventListener {
 public:
  enum class Fault {
    none,
    reported,  // the server has sent an error
    noChoice,  // the server has ended without a choice
    foreign,   // neither events nor documents
    garbled,   // no JSON object where one should be
    tooLarge   // beyond the bounds
  };

  struct Bounds {
    std::size_t text = 0;       // bytes of the answer; what is read around it has bounds by this
    std::size_t reasoning = 0;  // bytes kept of reasoning, and as many of tool calls
  };

  explicit Answer(Bounds bounds);

  // Takes a piece of the body, which may be cut anywhere, and returns the answer's text in it.
  // After a fault the rest is ignored.
  std::string add(std::string_view piece);

  // To be called when the whole body has arrived: returns the text of a last event without a blank
  // line after it.
  std::string finish();

  // Whether the server has said that the answer is over, and nothing will follow.
  bool isDone() const noexcept { return isDone_; }
  // Whether the server has said why the answer has ended: only usage may follow. Never for a server
  // that has gone on after it had said so.
  bool isFinished() const noexcept { return isDone_ || (finish_ != Finish::none && !goesOn_); }
  // Whether the text is complete, though the server may not have said that it is over.
  bool isWhole() const noexcept;

  bool hasText() const noexcept { return textBytes_ > 0; }
  // Whether any of the answer has come: text, reasoning or a tool call.
  bool hasBegun() const noexcept { return hasBegun_; }
  Fault fault() const noexcept { return fault_; }
  // The fault as the server tells it.
  const ServerError& error() const noexcept { return error_; }
  const TokenUsage& usage() const noexcept { return usage_; }

  // Whether there are complete logs to take; whether some have begun.
  bool hasLogs() const noexcept { return sideOutput_.areDue(); }
  bool hasOpenLogs() const noexcept { return sideOutput_.areOpen(); }

  // Returns the complete logs that were not taken yet.
  std::vector<ItemContent> takeCompleteLogs() { return sideOutput_.takeComplete(); }
  // Returns also what has only begun.
  std::vector<ItemContent> takeLogs() { return sideOutput_.take(); }

  // To be called after the end: returns the rest of the side output, and warnings for an answer
  // that was cut or refused, or of which something was left out.
  std::vector<ItemContent> takeLastLogs();

 private:
  enum class Form { unknown, events, documents };

  void onData(std::string_view piece) override;
  void onEvent(bool isError) override;

  void read(std::string_view piece);
  void readDocuments(std::string_view piece);
  void readChunk(bool isError);
  void take(const Chunk& chunk);
  void takeContent(const Chunk& chunk);
  void takeFinish(const Chunk& chunk);
  void takeError(const ServerError& error);
  void end();
  void finishEvents();
  void fail(Fault fault) noexcept;

  const Bounds bounds_;
  Form form_ = Form::unknown;
  std::size_t receivedBytes_ = 0;
  EventStreamReader events_;
  JsonSieve sieve_;
  Surrogates surrogates_;
  bool isExcess_ = false;  // something follows the JSON of an event
  bool hasRead_ = false;   // an event or a document
  std::optional<std::size_t> choice_;
  bool hasDeltas_ = false;  // it has come in pieces: a whole message would repeat it
  std::string text_;        // of the piece that is being read
  std::size_t textBytes_ = 0;
  bool hasBegun_ = false;
  SideOutput sideOutput_;
  bool hasRefused_ = false;
  bool goesOn_ = false;  // something has come after the server had said that the answer has ended
  Finish finish_ = Finish::none;
  std::string finishReason_;
  TokenUsage usage_;
  ServerError error_;
  Fault fault_ = Fault::none;
  bool isDone_ = false;
};

}  // namespace chatbot::openai
