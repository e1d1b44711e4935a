// Side output: what a model writes beside its answer, its reasoning and its tool calls, as logs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatbot/model.h"
#include "openai/chunk.h"

namespace chatbot::openai {

// A log of the given type, as clients see it.
Log logOf(std::string message, const char* type = "info");

// Reasoning becomes a log for each two KiB or so, cut where a word ends, so that it can be kept
// while the model still thinks; a tool call becomes one log, or several where it was taken before
// its end.
// Not synchronised: it belongs to an Answer.
class SideOutput {
 public:
  // Keeps at most `maxBytes` of reasoning, and as many of tool calls. A log says where there was
  // more.
  explicit SideOutput(std::size_t maxBytes) : maxBytes_(maxBytes) {}

  void addReasoning(std::string_view text);

  // A part belongs to the call with its id, else to the one with its index, else, without both, to
  // the last call. A part that belongs to none begins a call, and so does one whose name follows
  // complete arguments.
  void addToolCalls(std::span<const ToolCallPart> parts);

  // To be called when the answer's text goes on: the reasoning before it is complete.
  void textFollows();

  // Whether there are complete logs; whether something has begun.
  bool areDue() const noexcept { return !logs_.empty(); }
  bool areOpen() const noexcept { return !reasoning_.empty() || callsChanged_; }

  // Returns the complete logs that were not taken yet.
  std::vector<ItemContent> takeComplete() { return std::exchange(logs_, {}); }

  // Returns also what has only begun; what follows becomes further logs.
  std::vector<ItemContent> take();

  // As take(), when nothing follows.
  std::vector<ItemContent> takeRest();

 private:
  struct ToolCall {
    std::size_t index = 0;
    std::string id;
    std::string name;
    std::string arguments;
    std::size_t taken = 0;  // bytes of the arguments that stand in logs
    bool isBegun = false;   // a log shows its beginning
    bool isOver = false;    // a log shows its end
    bool isCut = false;     // its rest is beyond the bound
  };

  ToolCall* callOf(const ToolCallPart& part);
  static bool begins(const ToolCallPart& part, const ToolCall& call);
  ToolCall* begin(const ToolCallPart& part);
  void add(ToolCall& call, const ToolCallPart& part);
  void logReasoning(std::size_t bytes);
  void logCall(ToolCall& call, bool isLast);

  const std::size_t maxBytes_;
  std::string reasoning_;  // not in a log yet
  std::size_t reasoningBytes_ = 0;
  bool reasoningCut_ = false;
  std::vector<ToolCall> calls_;
  std::size_t callBytes_ = 0;
  bool callsChanged_ = false;
  bool callsCut_ = false;
  std::vector<ItemContent> logs_;
};

}  // namespace chatbot::openai
