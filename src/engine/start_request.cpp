#include "engine/start_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json_member.h"
#include "base/refuse.h"
#include "base/sha256.h"
#include "chatbot/error.h"
#include "engine/workflow_access.h"

namespace chatbot::engine {
namespace {

// The name where the prompt has no character that a name can show.
constexpr const char* kNameless = "New chat";

constexpr std::size_t kMaxKeyBytes = 255;

void checkKey(std::string_view key) {
  const bool isPrintable =
      std::ranges::all_of(key, [](unsigned char c) { return c >= ' ' && c <= '~'; });
  if (!key.empty() && key.size() <= kMaxKeyBytes && isPrintable) return;
  throw Error(ErrorCode::invalidArgument,
              "Invalid Idempotency-Key: it must be 1 to 255 printable ASCII characters");
}

// Which conversation is gone on with is part of what a start asks for.
std::string fingerprintOf(const UserInput& input, const std::string& workflowId) {
  UserInput whole = input;
  whole.workflowId = workflowId;
  return base::sha256(toJson(whole));
}

std::string nameOf(const UserInput& input) {
  std::string name = nameFromPrompt(input.prompt);
  return name.empty() ? kNameless : name;
}

std::optional<std::string> readText(const base::Json& object, const char* name) {
  const base::Json& value = base::memberOf(object, name);
  if (value.is_null()) return std::nullopt;
  if (!value.is_string()) base::refuse("{} must be a string", name);
  return value.get<std::string>();
}

OnBusy readOnBusy(const std::string& text) {
  if (const std::optional<OnBusy> onBusy = onBusyFromText(text)) return *onBusy;
  base::refuse("onBusy must be reject, interrupt or enqueue");
}

// The form in which FastAPI tells that a header does not fit.
[[noreturn]] void refuseOtherRequest() {
  constexpr const char* kMessage = "The Idempotency-Key was used for another request";
  throw Error(ErrorCode::invalidBody, kMessage)
      .withDetail(fmt::format(
          R"([{{"type":"value_error","loc":["header","Idempotency-Key"],"msg":"{}"}}])", kMessage));
}

}  // namespace

StartRequest startRequest(const Identity& caller, const CheckedInput& input,
                          const StartOptions& how, const EngineOptions& options) {
  StartRequest request{.caller = caller,
                       .workflowId = how.workflowId.value_or(""),
                       .name = nameOf(*input),
                       .input = *input,
                       .onBusy = how.onBusy.value_or(options.onBusy),
                       .maxQueued = static_cast<std::int64_t>(options.maxQueued),
                       .key = {}};
  if (request.workflowId.empty()) request.workflowId = input->workflowId.value_or("");
  if (!how.idempotencyKey) return request;
  checkKey(*how.idempotencyKey);
  request.key = StartKey{.key = *how.idempotencyKey,
                         .fingerprint = fingerprintOf(*input, request.workflowId),
                         .life = options.idempotencyLife};
  return request;
}

void checkTaken(const Start& start, std::string_view workflowId) {
  switch (start.result) {
    case StartResult::notFound:
      throw workflowNotFound(workflowId);
    case StartResult::busy:
      throw Error(ErrorCode::busy, fmt::format("Workflow {} is still running", workflowId));
    case StartResult::full:
      throw Error(
          ErrorCode::busy,
          fmt::format("Workflow {} is still running, and too many starts wait for it", workflowId));
    case StartResult::otherRequest:
      refuseOtherRequest();
    case StartResult::begun:
    case StartResult::queued:
    case StartResult::repeated:
      return;
  }
}

}  // namespace chatbot::engine

namespace chatbot {

StartOptions parseStartOptions(std::string_view json) {
  StartOptions how;
  if (json.empty()) return how;
  const std::optional<base::Json> object = base::parseJson(json);
  if (!object) base::refuse("the start's parameters must be valid JSON");
  if (!object->is_object()) base::refuse("the start's parameters must be an object");
  how.workflowId = engine::readText(*object, "workflowId");
  how.idempotencyKey = engine::readText(*object, "idempotencyKey");
  if (const auto onBusy = engine::readText(*object, "onBusy"))
    how.onBusy = engine::readOnBusy(*onBusy);
  return how;
}

}  // namespace chatbot
