#include "openai/history.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "base/json_input.h"
#include "base/text.h"

namespace chatbot::openai {
namespace {

constexpr std::size_t kTokensAround = 4;
constexpr std::size_t kAsciiPerToken = 4;

struct ReadMessage {
  ChatMessage message;
  std::string status;
  std::optional<std::int64_t> round;

  bool isOfAssistant() const { return message.role == "assistant"; }
};

std::string textOf(const base::Json& object, std::string_view name) {
  const base::Json& value = base::memberOf(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<ReadMessage> read(const Item& item) {
  const std::optional<base::Json> parsed = base::parseJson(item.json);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const base::Json& message = base::memberOf(*parsed, "item");
  if (textOf(*parsed, "type") != "message" || !message.is_object()) return std::nullopt;
  return ReadMessage{
      .message = {.role = textOf(message, "role"), .text = textOf(message, "message")},
      .status = textOf(message, "status"),
      .round = item.round};
}

bool isSent(const ChatMessage& message) {
  const bool known =
      message.role == "user" || message.role == "assistant" || message.role == "system";
  return known && !base::isBlank(message.text);
}

}  // namespace

std::size_t estimateTokens(std::string_view text) noexcept {
  const auto isAscii = [](char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; };
  const auto ascii = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), isAscii));
  const std::size_t others = base::countCodePoints(text) - ascii;
  return (ascii + kAsciiPerToken - 1) / kAsciiPerToken + others + kTokensAround;
}

// Goes from the newest item back, so that no more of a long workflow is parsed than is sent.
std::vector<ChatMessage> historyOf(std::span<const Item> items, const HistoryLimits& limits) {
  std::vector<ChatMessage> newestFirst;
  std::set<std::optional<std::int64_t>> answered;  // rounds whose answer was met
  std::size_t tokens = 0;
  for (std::size_t left = items.size(); left > 0; --left) {
    if (newestFirst.size() == limits.messages) break;
    std::optional<ReadMessage> said = read(items[left - 1]);
    if (!said || !isSent(said->message)) continue;
    const bool isStep = said->isOfAssistant() && said->status == "step";
    if (isStep && answered.contains(said->round)) continue;
    if (said->isOfAssistant() && said->status == "last") answered.insert(said->round);
    tokens += estimateTokens(said->message.text);
    if (tokens > limits.tokens) break;
    newestFirst.push_back(std::move(said->message));
  }
  while (!newestFirst.empty() && newestFirst.back().role == "assistant") newestFirst.pop_back();
  return {std::make_move_iterator(newestFirst.rbegin()),
          std::make_move_iterator(newestFirst.rend())};
}

// A token has at most four bytes, and a message has a few hundred besides its text. The factor
// leaves room for steps and for JSON's escapes.
MessageLimits itemsFor(const HistoryLimits& limits) noexcept {
  constexpr std::size_t kSpare = 16;
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / 1024;
  constexpr std::size_t kAround = 512;
  const std::size_t messages = std::min(limits.messages, kMost);
  const std::size_t tokens = std::min(limits.tokens, kMost);
  if (messages == 0 || tokens == 0) return {.items = 0, .bytes = 0};
  return {.items = messages * kSpare,
          .bytes = tokens * kAsciiPerToken * kSpare + std::min(messages, tokens) * kAround};
}

std::vector<ChatMessage> joinedByRole(std::vector<ChatMessage> messages) {
  std::vector<ChatMessage> joined;
  for (ChatMessage& message : messages) {
    if (joined.empty() || joined.back().role != message.role) {
      joined.push_back(std::move(message));
    } else {
      joined.back().text += "\n\n" + message.text;
    }
  }
  return joined;
}

}  // namespace chatbot::openai
