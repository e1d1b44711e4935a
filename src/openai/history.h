// The earlier rounds of a workflow, as the model is sent them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "chatbot/openai.h"
#include "chatbot/store.h"

namespace chatbot::openai {

struct ChatMessage {
  std::string role;  // user, assistant or system
  std::string text;
};

struct HistoryLimits {
  std::size_t messages = 0;
  std::size_t tokens = 0;
};

inline HistoryLimits historyLimits(const OpenAiOptions& options) noexcept {
  return {.messages = options.historyMessages, .tokens = options.historyTokens};
}

// An estimate: a quarter of the ASCII characters, all other characters, and four for the message.
std::size_t estimateTokens(std::string_view text) noexcept;

// The newest messages within the limits, oldest first. Of a round whose answer is there (a message
// of the assistant with status `last`) the steps before it are left out: the answer holds them.
// Empty messages and those of other roles than user, assistant and system are left out too, and
// what the limits leave begins with a message of the user.
std::vector<ChatMessage> historyOf(std::span<const Item> items, const HistoryLimits& limits);

// The limits of what is read of a workflow for that: room for the messages, and for the steps
// between them that are left out.
MessageLimits itemsFor(const HistoryLimits& limits) noexcept;

// Messages of one role that follow each other become one: the templates of some models take only
// turns of user and assistant.
std::vector<ChatMessage> joinedByRole(std::vector<ChatMessage> messages);

}  // namespace chatbot::openai
