// What a model says beside its answer, as logs: what it thinks aloud and the tools that it calls.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "openai/chunk.h"

namespace chatbot::openai {

// Reasoning becomes a log for each two KiB or so, cut where a word ends, so that it can be kept
// while the model still thinks; a tool call becomes one log, or several where it was taken before
// its end.
class Asides {
 public:
  // At most so many bytes of reasoning are kept, and as many of tool calls. A log says where there
  // was more.
  explicit Asides(std::size_t maxBytes) : maxBytes_(maxBytes) {}

  void addReasoning(std::string_view text);

  // A part belongs to the call with its id; without an id to that with its index; without both to
  // the last one. Where there is none, or another id than its call's has come, a call begins.
  void addToolCalls(std::span<const ToolCallPart> parts);

  // The answer's text goes on: the reasoning before it is complete.
  void textFollows();

  // Whether there are complete logs; whether something has begun.
  bool areDue() const noexcept { return !logs_.empty(); }
  bool areOpen() const noexcept { return !reasoning_.empty() || callsChanged_; }

  // The logs that were not taken yet, of what has begun too; what follows becomes further logs.
  std::vector<ItemContent> take();

  // As take(), when nothing follows.
  std::vector<ItemContent> takeLast();

 private:
  struct ToolCall {
    std::size_t index = 0;
    std::string id;
    std::string name;
    std::string arguments;
    std::size_t taken = 0;  // bytes of the arguments that are in logs
    bool isBegun = false;   // there is a log of it
    bool isOver = false;    // with its end
    bool isCut = false;     // the bound has kept its rest away
  };

  ToolCall* callOf(const ToolCallPart& part);
  ToolCall* lastCall(const ToolCallPart& part);
  ToolCall* begin(const ToolCallPart& part);
  void add(ToolCall& call, const ToolCallPart& part);
  void logReasoning(std::size_t bytes);
  void logCall(ToolCall& call, bool isLast);

  const std::size_t maxBytes_;
  std::string reasoning_;  // that is not in a log yet
  std::size_t reasoningBytes_ = 0;
  bool reasoningCut_ = false;
  std::vector<ToolCall> calls_;
  std::size_t callBytes_ = 0;
  bool callsChanged_ = false;
  bool callsCut_ = false;
  std::vector<ItemContent> logs_;
};

}  // namespace chatbot::openai
