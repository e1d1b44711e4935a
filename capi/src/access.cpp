// Callers, and the access rules: they are read, replaced, asked and explained.
//
// A check takes a snapshot of the rules, so a replacement beside it cannot change them under it.
#include "chatbot/access.h"

#include "base/json_input.h"
#include "base/json_text.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

using chatbot::Error;
using chatbot::ErrorCode;

chatbot::Operation operation(std::string_view name) {
  if (name == "read") return chatbot::Operation::read;
  if (name == "create") return chatbot::Operation::create;
  if (name == "update") return chatbot::Operation::update;
  if (name == "delete") return chatbot::Operation::remove;
  throw Error(ErrorCode::invalidArgument, "operation must be read, create, update or delete");
}

// A member of the row that names its owner; absent or null is the empty name.
std::string_view ownerField(const chatbot::base::Json& row, const char* name) {
  const chatbot::base::Json& value = chatbot::base::memberOf(row, name);
  if (value.is_null()) return {};
  if (value.is_string()) return value.get_ref<const std::string&>();
  throw Error(ErrorCode::invalidArgument, std::string("row_json: ") + name + " must be a text");
}

chatbot::base::Json parseRow(std::string_view json) {
  std::optional<chatbot::base::Json> row = chatbot::base::parseJson(json);
  if (row && row->is_object()) return *std::move(row);
  throw Error(ErrorCode::invalidArgument, "row_json must be a JSON object");
}

// The names are null where no rule applies.
std::string toJson(const chatbot::Decision& decision) {
  const auto orNull = [](std::string_view name) {
    return name.empty() ? std::nullopt : std::optional(name);
  };
  std::string out;
  chatbot::base::JsonObject(out)
      .field("level", toText(decision.level))
      .field("role", orNull(decision.role))
      .field("table", orNull(decision.table))
      .field("rule", decision.rule ? std::optional<std::int64_t>(*decision.rule) : std::nullopt)
      .close();
  return out;
}

}  // namespace

chatbot_status chatbot_identity_new(const char* json, size_t len, chatbot_identity** out,
                                    chatbot_error** err) noexcept {
  const auto make = [&] {
    chatbot_identity*& made = required(out, "out");
    made = makeHandle<chatbot_identity>(chatbot::parseIdentity(text(json, len, "json"))).release();
  };
  return guard(nullptr, err, make, out);
}

void chatbot_identity_free(chatbot_identity* identity) noexcept { delete identity; }

chatbot_status chatbot_access_set_rules(chatbot_engine* engine, const char* rules_json, size_t len,
                                        chatbot_error** err) noexcept {
  return guard(engineOf(engine), err, [&] {
    usable(engine).engine->setRules(
        chatbot::RuleSet::fromJson(text(rules_json, len, "rules_json")));
  });
}

chatbot_status chatbot_access_rules(chatbot_engine* engine, chatbot_bytes** out,
                                    chatbot_error** err) noexcept {
  return answer(engine, out, err,
                [](SharedEngine& shared) { return shared.engine->rules().toJson(); });
}

chatbot_status chatbot_access_check(chatbot_engine* engine, const chatbot_identity* caller,
                                    const char* table, const char* name, const char* row_json,
                                    size_t row_len, int32_t* allowed,
                                    chatbot_error** err) noexcept {
  const auto check = [&] {
    int32_t& verdict = required(allowed, "allowed");
    SharedEngine& shared = usable(engine);
    const chatbot::base::Json row = parseRow(text(row_json, row_len, "row_json"));
    const bool isAllowed = shared.engine->rules().allows(
        identity(caller), text(table, "table"), operation(text(name, "operation")),
        ownerField(row, "mandateId"), ownerField(row, "_createdBy"));
    verdict = isAllowed ? 1 : 0;
  };
  return guard(engineOf(engine), err, check, allowed);
}

chatbot_status chatbot_access_explain(chatbot_engine* engine, const chatbot_identity* caller,
                                      const char* table, const char* name, chatbot_bytes** out,
                                      chatbot_error** err) noexcept {
  return answer(engine, out, err, [&](SharedEngine& shared) {
    const chatbot::RuleSet rules = shared.engine->rules();  // the decision's texts live in them
    return toJson(
        rules.decide(identity(caller), text(table, "table"), operation(text(name, "operation"))));
  });
}
