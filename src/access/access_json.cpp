// Identities and rules as the host gives them.
#include <algorithm>
#include <array>
#include <utility>

#include "chatbot/access.h"
#include "model/json_member.h"
#include "model/json_text.h"
#include "model/refuse.h"
#include "model/text.h"

namespace chatbot {
namespace {

constexpr std::size_t kMaxBytes = 255;

constexpr std::array<std::pair<std::string_view, Level>, 4> kLevelTexts = {{
    {"n", Level::none},
    {"m", Level::my},
    {"g", Level::group},
    {"a", Level::all},
}};

constexpr std::array<std::pair<std::string_view, std::optional<Level> Rule::*>, 4> kOperations = {{
    {"read", &Rule::read},
    {"create", &Rule::create},
    {"update", &Rule::update},
    {"delete", &Rule::remove},
}};

void checkText(std::string_view place, std::string_view text) {
  if (text.size() > kMaxBytes) refuse("{} must be at most {} bytes", place, kMaxBytes);
  if (!isUtf8(text)) refuse("{} must be UTF-8", place);
  if (hasControl(text)) refuse("{} must not have control characters", place);
}

Json parseValue(std::string_view json, std::string_view what) {
  std::optional<Json> value = parseJson(json);
  if (!value) refuse("{} must be valid JSON", what);
  return *std::move(value);
}

std::string readText(const Json& value, std::string_view place) {
  if (!value.is_string()) refuse("{} must be a string", place);
  return value.get<std::string>();
}

std::vector<std::string> readRoles(const Json& value) {
  std::vector<std::string> roles;
  if (value.is_null()) return roles;
  if (!value.is_array()) refuse("roles must be a list");
  for (const Json& role : value) {
    roles.push_back(readText(role, fmt::format("roles[{}]", roles.size())));
  }
  return roles;
}

std::optional<Level> readLevel(const Json& value, const std::string& place) {
  if (value.is_null()) return std::nullopt;
  for (const auto& [text, level] : kLevelTexts) {
    if (value == text) return level;
  }
  refuse("{} must be one of n, m, g, a", place);
}

// A misspelt operation would fall back on another rule unnoticed, so each key must be known.
Rule readRule(const Json& value, const std::string& place) {
  if (!value.is_object()) refuse("{}: must be an object", place);
  Rule rule;
  rule.role = readText(memberOf(value, "role"), place + ".role:");
  rule.table = readText(memberOf(value, "table"), place + ".table:");
  for (const auto& [key, level] : value.items()) {
    if (key == "role" || key == "table") continue;
    const auto operation =
        std::ranges::find(kOperations, key, [](auto& pair) { return pair.first; });
    if (operation == kOperations.end()) refuse("{}: unknown key {}", place, jsonString(key));
    rule.*operation->second = readLevel(level, fmt::format("{}.{}:", place, key));
  }
  return rule;
}

}  // namespace

void validate(const Identity& identity) {
  if (identity.userId.empty()) refuse("userId must not be empty");
  checkText("userId", identity.userId);
  checkText("mandateId", identity.mandateId);
  for (std::size_t i = 0; i < identity.roles.size(); ++i) {
    checkText(fmt::format("roles[{}]", i), identity.roles[i]);
  }
}

Identity parseIdentity(std::string_view json) {
  const Json value = parseValue(json, "identity");
  if (!value.is_object()) refuse("identity must be an object");
  const Json& mandateId = memberOf(value, "mandateId");
  Identity identity;
  identity.userId = readText(memberOf(value, "userId"), "userId");
  if (!mandateId.is_null()) identity.mandateId = readText(mandateId, "mandateId");
  identity.roles = readRoles(memberOf(value, "roles"));
  validate(identity);
  return identity;
}

RuleSet RuleSet::fromJson(std::string_view json) {
  const Json value = parseValue(json, "rules");
  if (!value.is_array()) refuse("rules must be a list");
  std::vector<Rule> rules;
  for (const Json& rule : value) {
    rules.push_back(readRule(rule, fmt::format("rules[{}]", rules.size())));
  }
  return RuleSet(std::move(rules));
}

std::string_view toText(Level level) noexcept {
  for (const auto& [text, value] : kLevelTexts) {
    if (value == level) return text;
  }
  return kLevelTexts.front().first;
}

}  // namespace chatbot
