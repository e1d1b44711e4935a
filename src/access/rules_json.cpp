// Rules and identities as JSON.
#include <algorithm>
#include <array>
#include <utility>

#include "access/level.h"
#include "base/json_input.h"
#include "base/json_text.h"
#include "base/message.h"
#include "chatbot/access.h"

namespace chatbot {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 4> kLevelTexts = {{
    {"n", Level::none},
    {"m", Level::my},
    {"g", Level::group},
    {"a", Level::all},
}};

// In the order of Operation.
constexpr std::array<std::pair<std::string_view, std::optional<Level> Rule::*>, 4> kOperations = {{
    {"read", &Rule::read},
    {"create", &Rule::create},
    {"update", &Rule::update},
    {"delete", &Rule::remove},
}};

base::Json parseList(std::string_view json) {
  std::optional<base::Json> value = base::parseJson(json);
  if (const auto fault = value ? std::nullopt : base::findJsonFault(json)) {
    base::refuse("rules: not valid JSON at line {}, column {}", fault->line, fault->column);
  }
  if (!value || !value->is_array()) base::refuse("rules must be a list");
  return *std::move(value);
}

std::string readText(const base::Json& rule, std::size_t index, const char* key) {
  const base::Json& value = base::memberOf(rule, key);
  if (!value.is_string()) base::refuse("rules[{}].{}: must be a string", index, key);
  return value.get<std::string>();
}

std::optional<Level> readLevel(const base::Json& value, std::size_t index, const std::string& key) {
  if (value.is_null()) return std::nullopt;
  for (const auto& [text, level] : kLevelTexts) {
    if (value == text) return level;
  }
  base::refuse("rules[{}].{}: must be one of n, m, g, a", index, key);
}

// A misspelt operation would fall back on another rule unnoticed, so each key must be known.
Rule readRule(const base::Json& value, std::size_t index) {
  if (!value.is_object()) base::refuse("rules[{}]: must be an object", index);
  Rule rule;
  rule.role = readText(value, index, "role");
  rule.table = readText(value, index, "table");
  for (const auto& [key, level] : value.items()) {
    if (key == "role" || key == "table") continue;
    const auto operation =
        std::ranges::find(kOperations, key, [](auto& pair) { return pair.first; });
    if (operation == kOperations.end())
      base::refuse("rules[{}]: unknown key {}", index, base::jsonString(key));
    rule.*operation->second = readLevel(level, index, key);
  }
  return rule;
}

// The commas of each rule's object. `json` is a list of objects without lists and objects in them.
std::vector<std::size_t> commasOf(std::string_view json) {
  std::vector<std::size_t> commas;
  base::JsonMarks marks(json);
  int depth = 0;
  for (std::size_t place = marks.next(); place != std::string_view::npos; place = marks.next()) {
    depth += base::JsonMarks::nesting(json[place]);
    if (json[place] == '{') commas.push_back(0);
    if (json[place] == ',' && depth == 2) ++commas.back();
  }
  return commas;
}

// The parser keeps the last value of a repeated key and drops the others without a word; their
// commas are still in the text. The values are texts and nulls, so no other commas count.
void refuseRepeatedKeys(const base::Json& rules, std::string_view json) {
  const std::vector<std::size_t> commas = commasOf(json);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (commas[i] >= rules[i].size()) base::refuse("rules[{}]: has a key twice", i);
  }
}

void append(std::string& out, const Rule& rule) {
  base::JsonObject object(out);
  object.field("role", rule.role).field("table", rule.table);
  for (const auto& [name, operation] : kOperations) {
    if (const std::optional<Level> level = rule.*operation) object.field(name, toText(*level));
  }
  object.close();
}

void checkName(std::string_view place, std::string_view text) {
  const std::string_view fault = access::faultOfAccessName(text);
  if (!fault.empty()) base::refuse("{} {}", place, fault);
}

std::string readText(const base::Json& value, std::string_view place) {
  if (!value.is_string()) base::refuse("{} must be a string", place);
  return value.get<std::string>();
}

std::vector<std::string> readRoles(const base::Json& value) {
  std::vector<std::string> roles;
  if (value.is_null()) return roles;
  if (!value.is_array()) base::refuse("roles must be a list");
  for (const base::Json& role : value) {
    roles.push_back(readText(role, fmt::format("roles[{}]", roles.size())));
  }
  return roles;
}

}  // namespace

RuleSet RuleSet::fromJson(std::string_view json) {
  const base::Json value = parseList(json);
  std::vector<Rule> rules;
  for (const base::Json& rule : value) rules.push_back(readRule(rule, rules.size()));
  refuseRepeatedKeys(value, json);
  return RuleSet(std::move(rules));
}

std::string RuleSet::toJson() const {
  std::string out = "[";
  for (const Rule& rule : rules()) {
    if (out.size() > 1) out += ',';
    append(out, rule);
  }
  return out + ']';
}

std::string_view toText(Operation operation) noexcept {
  return kOperations[static_cast<std::size_t>(operation)].first;
}

std::string_view toText(Level level) noexcept {
  for (const auto& [text, value] : kLevelTexts) {
    if (value == level) return text;
  }
  return kLevelTexts.front().first;
}

void validate(const Identity& identity) {
  if (identity.userId.empty()) base::refuse("userId must not be empty");
  checkName("userId", identity.userId);
  checkName("mandateId", identity.mandateId);
  for (std::size_t i = 0; i < identity.roles.size(); ++i) {
    checkName(fmt::format("roles[{}]", i), identity.roles[i]);
  }
}

Identity parseIdentity(std::string_view json) {
  const std::optional<base::Json> value = base::parseJson(json);
  if (!value) base::refuse("identity must be valid JSON");
  if (!value->is_object()) base::refuse("identity must be an object");
  const base::Json& mandateId = base::memberOf(*value, "mandateId");
  Identity identity;
  identity.userId = readText(base::memberOf(*value, "userId"), "userId");
  if (!mandateId.is_null()) identity.mandateId = readText(mandateId, "mandateId");
  identity.roles = readRoles(base::memberOf(*value, "roles"));
  validate(identity);
  return identity;
}

}  // namespace chatbot
