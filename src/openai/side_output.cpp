#include "openai/side_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_input.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

constexpr std::size_t kPortion = 2048;
constexpr std::size_t kMaxToolCalls = 100;

// Adds as many whole code points as fit into `room` bytes. Returns whether all fit.
bool addWithin(std::string& text, std::string_view more, std::size_t room) {
  const std::string_view fitting = more.substr(0, room);
  text += fitting.substr(0, base::bytesOfWhole(fitting));
  return fitting.size() == more.size();
}

// The end of a portion that is long enough: after a space or a line's end in its second half, else
// after a whole code point.
std::size_t portionOf(std::string_view text) {
  const std::string_view portion = text.substr(0, kPortion);
  const std::size_t space = portion.find_last_of(" \n");
  if (space != std::string_view::npos && space >= kPortion / 2) return space + 1;
  return base::bytesOfWhole(portion);
}

bool isWhole(std::string_view arguments) {
  return arguments.empty() || base::parseJson(arguments).has_value();
}

}  // namespace

Log logOf(std::string message, const char* type) {
  Log log;
  log.message = std::move(message);
  log.type = type;
  return log;
}

void SideOutput::addReasoning(std::string_view text) {
  if (text.empty() || reasoningCut_) return;
  const std::size_t before = reasoning_.size();
  const bool fits = addWithin(reasoning_, text, maxBytes_ - reasoningBytes_);
  reasoningBytes_ += reasoning_.size() - before;
  while (reasoning_.size() >= kPortion) logReasoning(portionOf(reasoning_));
  if (fits) return;
  reasoningCut_ = true;
  textFollows();
  logs_.emplace_back(logOf("The model's further reasoning is too long to be kept", "warning"));
}

void SideOutput::textFollows() {
  if (!reasoning_.empty()) logReasoning(reasoning_.size());
}

void SideOutput::logReasoning(std::size_t bytes) {
  const std::string_view portion = std::string_view(reasoning_).substr(0, bytes);
  if (!base::isBlank(portion)) logs_.emplace_back(logOf(fmt::format("Reasoning: {}", portion)));
  reasoning_.erase(0, bytes);
}

void SideOutput::addToolCalls(std::span<const ToolCallPart> parts) {
  for (const ToolCallPart& part : parts) {
    ToolCall* const call = callOf(part);
    if (call != nullptr) add(*call, part);
  }
}

SideOutput::ToolCall* SideOutput::callOf(const ToolCallPart& part) {
  const auto hasIndex = [&](const ToolCall& call) {
    return part.index.value_or(call.index) == call.index;
  };
  const auto isIt = [&](const ToolCall& call) { return call.id == part.id && hasIndex(call); };
  const auto known = std::ranges::find_if(calls_, isIt);
  if (!part.id.empty() && known != calls_.end()) return &*known;
  if (!part.id.empty() && !part.index) return begin(part);
  const auto last = std::find_if(calls_.rbegin(), calls_.rend(), hasIndex);
  return last == calls_.rend() || begins(part, *last) ? begin(part) : &*last;
}

// Whether the part begins another call than the one that its index names, or than the last one.
// Some servers give neither id nor index, some one index to all calls, some a new id to each part.
bool SideOutput::begins(const ToolCallPart& part, const ToolCall& call) {
  if (part.name.empty()) return false;
  const bool isOther = part.id.empty() || part.id != call.id;
  const bool isNewName = !part.id.empty() && !call.name.empty() && call.name != part.name;
  return isOther && (isNewName || (!call.arguments.empty() && isWhole(call.arguments)));
}

SideOutput::ToolCall* SideOutput::begin(const ToolCallPart& part) {
  if (calls_.size() == kMaxToolCalls) {
    callsCut_ = true;
    return nullptr;
  }
  ToolCall& call = calls_.emplace_back();
  call.index = part.index.value_or(calls_.size() - 1);
  return &call;
}

void SideOutput::add(ToolCall& call, const ToolCallPart& part) {
  if (call.isCut) return;
  const std::size_t before = call.name.size() + call.arguments.size() + call.id.size();
  const std::size_t room = maxBytes_ - callBytes_;
  bool fits = true;
  if (call.id.empty()) fits = addWithin(call.id, part.id, room);
  // Some servers repeat the name with each part.
  if (call.name != part.name) {
    fits = fits && addWithin(call.name, part.name, room - call.id.size());
  }
  const std::size_t used = call.name.size() + call.arguments.size() + call.id.size() - before;
  fits = fits && addWithin(call.arguments, part.arguments, room - used);
  callBytes_ += call.name.size() + call.arguments.size() + call.id.size() - before;
  call.isCut = !fits;
  callsChanged_ = true;
}

void SideOutput::logCall(ToolCall& call, bool isLast) {
  const bool isNew = !call.isBegun || call.taken < call.arguments.size();
  if (call.isOver || (!isNew && !isLast)) return;
  if (call.name.empty() && call.arguments.empty()) return;
  call.isOver = isLast || (!call.arguments.empty() && isWhole(call.arguments));
  const char* end = "…";
  if (call.isOver && !call.isCut && isWhole(call.arguments)) end = ")";
  if (call.isOver && call.isCut) end = "… (too long to be kept whole)";
  const std::string_view more = std::string_view(call.arguments).substr(call.taken);
  logs_.emplace_back(
      logOf(fmt::format("{}: {}{}{}{}", call.isBegun ? "Tool call, going on" : "Tool call",
                        call.name, call.isBegun ? "(…" : "(", more, end)));
  call.taken = call.arguments.size();
  call.isBegun = true;
}

std::vector<ItemContent> SideOutput::take() {
  textFollows();
  for (ToolCall& call : calls_) logCall(call, false);
  callsChanged_ = false;
  return std::exchange(logs_, {});
}

std::vector<ItemContent> SideOutput::takeRest() {
  textFollows();
  for (ToolCall& call : calls_) logCall(call, true);
  callsChanged_ = false;
  if (callsCut_) logs_.emplace_back(logOf("Further tool calls are too many to be kept", "warning"));
  return std::exchange(logs_, {});
}

}  // namespace chatbot::openai
