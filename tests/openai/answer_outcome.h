// What has become of a round that a model server has answered, as JSON: the text, the failure, the
// warnings, the reasoning, the tool calls and the usage; each only where there is one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "chatbot/engine.h"

namespace chatbot::test {

inline void addLog(nlohmann::json& outcome, const nlohmann::json& log) {
  const std::string message = log["message"];
  const auto after = [&](const std::string& start) { return message.substr(start.size()); };
  if (log["type"] == "error") outcome["failure"] = message;
  if (log["type"] == "warning" && message.find("trying again") == std::string::npos) {
    outcome["warnings"].push_back(message);
  }
  if (message.starts_with("Reasoning: ")) {
    outcome["reasoning"] = outcome.value("reasoning", "") + after("Reasoning: ");
  }
  if (message.starts_with("Tool call: ")) outcome["calls"].push_back(after("Tool call: "));
}

inline nlohmann::json outcomeOf(const std::vector<Item>& items) {
  nlohmann::json outcome = nlohmann::json::object();
  for (const Item& item : items) {
    const nlohmann::json parsed = nlohmann::json::parse(item.json);
    const nlohmann::json& content = parsed["item"];
    if (parsed["type"] == "log") addLog(outcome, content);
    if (parsed["type"] == "message" && content["role"] == "assistant") {
      outcome["text"] = content["message"];
    }
    if (parsed["type"] == "stat" && content["tokensIn"] != 0) {
      outcome["usage"] = {content["tokensIn"], content["tokensOut"]};
    }
  }
  return outcome;
}

}  // namespace chatbot::test
