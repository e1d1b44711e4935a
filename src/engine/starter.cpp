#include "engine/starter.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/encoding.h"
#include "base/json_input.h"
#include "base/message.h"
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
  if (const auto lastEventId = engine::readText(*object, "lastEventId")) {
    how.after = parsePosition(*lastEventId);
    if (!how.after) base::refuse("lastEventId must be a place, as an event's id is");
  }
  return how;
}

}  // namespace chatbot

namespace chatbot::engine {

StartedRound Starter::start(const StartRequest& request, Deltas deltas,
                            const std::optional<Position>& after) {
  StreamHub::Slot streamSlot = parts_.streams.reserve(request.caller);
  if (request.key) {
    const Scope own(Level::my, request.caller);
    const std::optional<Start> earlier =
        parts_.store->startedBefore(own, request.caller, *request.key);
    if (earlier) {
      checkTaken(*earlier, request.workflowId);
      return rejoin(request.caller, *earlier, deltas, after, std::move(streamSlot));
    }
  }
  if (after)
    throw Error(ErrorCode::conflict, "This start repeats none: it has no place to go on at");
  return take(request, deltas, std::move(streamSlot));
}

// Both slots are taken before the round begins: once it has, nothing may fail.
StartedRound Starter::take(const StartRequest& request, Deltas deltas, StreamHub::Slot streamSlot) {
  const Scope allowed = scopeOf(request);
  run::RoundSlot roundSlot = reserveRound(request);
  // Before it waits: the round that it waits for may end at that moment.
  if (request.onBusy != OnBusy::reject) lookForQueued();
  const run::RoundRegistry::StartUnderWay underWay(parts_.rounds->registry());
  const Start start = startInStore(allowed, request);
  checkTaken(start, request.workflowId);
  if (start.result == StartResult::repeated) {
    return rejoin(request.caller, start, deltas, {}, std::move(streamSlot));
  }
  if (start.interrupted > 0) {
    parts_.rounds->registry().cancel({start.workflow.id, start.interrupted});
  }
  StartedRound started{.workflow = start.workflow, .round = start.round, .stream = {}};
  started.stream = parts_.streams.open(
      request.caller, std::move(streamSlot), start.workflow,
      {.after = {.seq = start.afterSeq}, .round = start.round, .deltas = deltas == Deltas::shown});
  if (start.result == StartResult::queued) {
    lookForQueued();
  } else {
    run(underWay, std::move(roundSlot), request, start);
  }
  return started;
}

Start Starter::startInStore(const Scope& allowed, const StartRequest& request) const {
  try {
    return parts_.store->start(allowed, request);
  } catch (const Error& fault) {
    if (fault.code() == ErrorCode::outcomeUnknown) parts_.rounds->recovery().expectUnowned();
    throw;
  }
}

Scope Starter::scopeOf(const StartRequest& request) const {
  const Identity& caller = request.caller;
  if (!request.workflowId.empty()) {
    const Workflow found = parts_.access.find(caller, request.workflowId);
    return parts_.access.require(caller, found, Operation::update, kMayNotChange);
  }
  Workflow made;
  made.mandateId = caller.mandateId;
  made.createdBy = caller.userId;
  return parts_.access.require(caller, made, Operation::create, kMayNotCreate);
}

// A start that waits for its workflow needs its slot later. Should no round be running any more
// when it comes to the store, one round runs beyond the limit.
run::RoundSlot Starter::reserveRound(const StartRequest& request) const {
  try {
    const bool interrupts = request.onBusy == OnBusy::interrupt;
    return parts_.rounds->reserve(request.caller, interrupts ? request.workflowId : "");
  } catch (const Error&) {
    if (request.onBusy != OnBusy::enqueue || request.workflowId.empty()) throw;
    const Workflow found = parts_.access.find(request.caller, request.workflowId);
    if (found.status != WorkflowStatus::running) throw;
    return {};
  }
}

StartedRound Starter::rejoin(const Identity& caller, const Start& earlier, Deltas deltas,
                             const std::optional<Position>& after,
                             StreamHub::Slot streamSlot) const {
  const std::optional<stream::DraftExtent> draft =
      after ? parts_.streams.draftExtent(earlier.workflow.id) : std::nullopt;
  StartedRound joined{.workflow = parts_.access.find(caller, earlier.workflow.id),
                      .round = earlier.round,
                      .stream = {}};
  if (after) StreamOpener::checkExists(*after, joined.workflow, draft, deltas);
  const bool isInRound = after && after->seq >= earlier.afterSeq;
  joined.stream =
      parts_.streams.open(caller, std::move(streamSlot), joined.workflow,
                          {.after = isInRound ? *after : Position{.seq = earlier.afterSeq},
                           .round = earlier.round,
                           .deltas = deltas == Deltas::shown,
                           .ended = earlier.ended});
  return joined;
}

void Starter::run(const run::RoundRegistry::StartUnderWay& underWay, run::RoundSlot slot,
                  const StartRequest& request, const Start& start) {
  const Workflow& workflow = start.workflow;
  const auto& first = std::get<Message>(start.first);
  parts_.rounds->run(underWay, std::move(slot), Scope::ofMandate(workflow.mandateId),
                     {.workflowId = workflow.id,
                      .round = start.round,
                      .messageId = first.id,
                      .messageSeq = workflow.lastSeq,
                      .userId = request.caller.userId,
                      .mandateId = workflow.mandateId,
                      .prompt = request.input.prompt,
                      .userLanguage = request.input.userLanguage,
                      .listFileId = request.input.listFileId,
                      .documents = first.documents},
                     *parts_.responder);
}

run::RoundSlot Starter::reserveReady(const store::ReadyStart& ready) const {
  try {
    return parts_.rounds->reserve(ready.caller);
  } catch (const Error&) {
    return {};
  }
}

void Starter::beginQueued() noexcept {
  const std::uint64_t asked = asked_;
  if (asked == answered_) return;
  try {
    beginReady();
    if (!parts_.store->hasQueued(Scope::system())) answered_ = asked;
  } catch (const Error& fault) {
    if (fault.code() == ErrorCode::outcomeUnknown) parts_.rounds->recovery().expectUnowned();
  } catch (const std::exception&) {
    // The store is away: the next call tries again.
  }
}

// Where one user or mandate is at a limit, the starts of others may begin.
void Starter::beginReady() {
  const Scope everyTenant = Scope::system();
  for (const store::ReadyStart& ready : parts_.store->readyStarts(everyTenant)) {
    run::RoundSlot slot = reserveReady(ready);
    if (!slot) continue;
    const run::RoundRegistry::StartUnderWay underWay(parts_.rounds->registry());
    std::optional<store::DequeuedStart> begun =
        parts_.store->beginQueued(everyTenant, ready.workflowId);
    if (!begun) continue;
    run(underWay, std::move(slot), begun->request, begun->start);
  }
}

}  // namespace chatbot::engine
