#include "chatbot/engine.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <limits>
#include <utility>

#include "chatbot/error.h"
#include "engine/shared_rules.h"
#include "engine/upkeep.h"
#include "model/json_text.h"
#include "model/name.h"
#include "model/text.h"
#include "query/excerpt.h"
#include "run/rounds.h"

namespace chatbot {
namespace {

// How soon what another engine on the database has changed is noticed.
constexpr std::chrono::milliseconds kUpkeepInterval{500};

constexpr std::size_t kIndexPortion = 64;   // messages at once: other writers wait for them
constexpr std::size_t kIndexPortions = 20;  // at a time: the rules are to be looked at as well

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

// What is no id may be any text: the detail shows it as it is, the message stays one line.
Error notFound(std::string_view workflowId) {
  constexpr const char* kMessage = "Workflow with ID {} not found";
  if (isId(workflowId)) return {ErrorCode::notFound, fmt::format(kMessage, workflowId)};
  return Error(ErrorCode::notFound, fmt::format(kMessage, excerpt(workflowId)))
      .withDetail(jsonString(fmt::format(kMessage, workflowId)));
}

Error busy(std::string_view workflowId) {
  return {ErrorCode::busy, fmt::format("Workflow {} is still running", workflowId)};
}

RoundKey roundOf(const Workflow& workflow) { return {workflow.id, workflow.currentRound}; }

// For a prompt of characters that no name can show.
constexpr const char* kNameless = "New chat";

constexpr const char* kMayNotChange = "You don't have permission to change this workflow";
constexpr const char* kMayNotDelete = "You don't have permission to delete this workflow";
constexpr const char* kMayNotCreate = "You don't have permission to create a workflow";

Message userMessage(const UserInput& input) {
  Message message;
  message.role = "user";
  message.status = "first";
  message.message = input.prompt;
  for (const std::string& fileId : input.listFileId) {
    Document document;
    document.fileId = fileId;
    message.documents.push_back(std::move(document));
  }
  return message;
}

}  // namespace

struct Engine::Impl {
  explicit Impl(EngineOptions theOptions)
      : options(std::move(theOptions)),
        store(Store::open(options.store, options.environment, options.log)),
        rules(std::make_shared<SharedRules>(store, std::move(options.rules), options.log)),
        streams(std::make_shared<StreamHub>(store, options.environment, options.streams)),
        rounds(std::make_shared<Rounds>(
            store, streams, options.environment, options.log,
            RoundOptions{.maxRounds = options.maxRounds, .draftInterval = options.draftInterval})) {
    // Weak: a turn may outlive the engine, and the store with it.
    store->onChange([hub = std::weak_ptr(streams)](const Change& change) {
      if (const std::shared_ptr<StreamHub> open = hub.lock()) open->notify(change);
    });
    store->draftsFrom([hub = std::weak_ptr(streams)](std::string_view id, DraftAccess access) {
      const std::shared_ptr<StreamHub> open = hub.lock();
      return open == nullptr ? std::nullopt : open->draft(id, access);
    });
    rounds->recover();
    upkeep.emplace(options.environment, kUpkeepInterval, [this] {
      if (rules->refresh()) streams->revalidate();
      indexMessages();
    });
  }

  void indexMessages() noexcept {
    try {
      for (std::size_t portion = 0; portion < kIndexPortions && !closed; ++portion) {
        if (store->indexMessages(kIndexPortion) == 0) return;
      }
    } catch (const std::exception&) {
      // They stay queued; who writes is told what is wrong with the store.
    }
  }

  Scope scope(const Identity& caller, Operation operation) const {
    return rules->get()->scope(caller, kWorkflowTable, operation);
  }

  void check(const Identity& caller) const {
    validate(caller);
    if (closed) throw Error(ErrorCode::unavailable, "The engine is shut down");
  }

  // What the caller may read and is a chatbot's; what is not readable does not exist.
  static void checkFound(const std::optional<Workflow>& found, std::string_view workflowId) {
    if (!found) throw notFound(workflowId);
    if (found->workflowMode == kChatbotMode) return;
    throw Error(ErrorCode::wrongMode,
                fmt::format("Workflow {} is not a chatbot workflow", workflowId));
  }

  Workflow find(const Identity& caller, std::string_view workflowId) const {
    check(caller);
    if (!isId(workflowId)) throw notFound(workflowId);
    std::optional<Workflow> workflow = store->find(scope(caller, Operation::read), workflowId);
    checkFound(workflow, workflowId);
    return *std::move(workflow);
  }

  // The rows that the operation may touch, once it is known that `workflow` is one of them.
  Scope require(const Identity& caller, const Workflow& workflow, Operation operation,
                const char* refusal) const {
    Scope allowed = scope(caller, operation);
    if (allowed.allows(workflow.mandateId, workflow.createdBy)) return allowed;
    logRefusal(caller, operation);
    throw Error(ErrorCode::forbidden, refusal);
  }

  // Which rule was too narrow.
  void logRefusal(const Identity& caller, Operation operation) const {
    if (!options.log) return;
    const std::shared_ptr<const RuleSet> current = rules->get();  // the decision's texts are theirs
    const Decision decision = current->decide(caller, kWorkflowTable, operation);
    const std::array fields = {
        LogField{"operation", std::string(toText(operation))},
        LogField{"level", std::string(toText(decision.level))},
        LogField{"role", std::string(decision.role)},
        LogField{"table", std::string(decision.table)},
        LogField{"rule", decision.rule ? std::to_string(*decision.rule) : "none"}};
    options.log(LogLevel::info, "access was refused", fields);
  }

  Workflow create(const Identity& caller, const UserInput& input, const Message& first) const {
    Workflow workflow;
    workflow.mandateId = caller.mandateId;
    workflow.createdBy = caller.userId;
    workflow.name = nameFromPrompt(input.prompt);
    if (workflow.name.empty()) workflow.name = kNameless;
    const Scope allowed = require(caller, workflow, Operation::create, kMayNotCreate);
    return store->create(allowed, std::move(workflow), first);
  }

  Workflow goOn(const Identity& caller, std::string_view workflowId, const Message& first) const {
    const Workflow found = find(caller, workflowId);
    const Scope allowed = require(caller, found, Operation::update, kMayNotChange);
    WorkflowChange change = store->beginRound(allowed, workflowId, first);
    if (change.result == ChangeResult::conflict &&
        options.onBusy == EngineOptions::OnBusy::interrupt) {
      const WorkflowChange stopped = store->stop(allowed, workflowId);
      if (stopped.result == ChangeResult::done) rounds->cancel(roundOf(stopped.workflow));
      change = store->beginRound(allowed, workflowId, first);
    }
    if (change.result == ChangeResult::notFound) throw notFound(workflowId);
    if (change.result == ChangeResult::conflict) throw busy(workflowId);
    return std::move(change.workflow);
  }

  std::unique_ptr<Stream> openStream(const Identity& caller, StreamHub::Slot slot,
                                     const Workflow& workflow, StreamStart start) const {
    const auto mayRead = [current = rules, caller, mandateId = workflow.mandateId,
                          createdBy = workflow.createdBy] {
      return current->get()->allows(caller, kWorkflowTable, Operation::read, mandateId, createdBy);
    };
    return streams->open(std::move(slot), scope(caller, Operation::read), workflow.id, start,
                         mayRead);
  }

  // A place in a draft exists while that draft, or a longer log, does.
  static void checkExists(const Place& place, const Workflow& workflow,
                          const std::optional<StreamHub::DraftExtent>& draft, Deltas deltas) {
    const std::int64_t offset = place.offset.value_or(0);
    const bool inDraft = draft && draft->afterSeq <= place.seq;
    const bool exists =
        place.seq < workflow.lastSeq || (place.seq == workflow.lastSeq && (inDraft || offset == 0));
    if (exists && !(inDraft && offset > draft->length)) return;
    Place newest{.seq = workflow.lastSeq};
    if (draft && deltas == Deltas::shown) newest.offset = draft->length;
    throw Error(ErrorCode::conflict, fmt::format("Place {} does not exist yet; the newest is {}",
                                                 toText(place), toText(newest)));
  }

  EngineOptions options;
  std::shared_ptr<Store> store;
  std::shared_ptr<SharedRules> rules;
  std::shared_ptr<StreamHub> streams;
  std::shared_ptr<Rounds> rounds;
  std::atomic<bool> closed = false;
  std::optional<Upkeep> upkeep;
};

std::shared_ptr<Engine> Engine::open(EngineOptions options) {
  if (!options.environment) options.environment = systemEnvironment();
  if (!options.responder) {
    options.responder = std::make_shared<TurnQueue>(options.environment, options.turnTimeout);
  }
  return std::shared_ptr<Engine>(new Engine(std::make_unique<Impl>(std::move(options))));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() { shutdown(); }

StartedRound Engine::start(const Identity& caller, const UserInput& input,
                           std::optional<std::string> workflowId, Deltas deltas) {
  impl_->check(caller);
  if (isBlank(input.prompt)) {
    throw Error(ErrorCode::invalidArgument, "The prompt must not be blank");
  }
  if (!workflowId || workflowId->empty()) workflowId = input.workflowId;
  if (workflowId && workflowId->empty()) workflowId.reset();

  // Both places are taken first: once the round has begun, nothing may fail.
  StreamHub::Slot streamSlot = impl_->streams->reserve(caller);
  Rounds::Slot roundSlot = impl_->rounds->reserve();
  Message first = userMessage(input);
  first.id = newId(environment());
  for (Document& document : first.documents) {
    document.id = newId(environment());
    document.messageId = first.id;
  }
  StartedRound started;
  started.workflow =
      workflowId ? impl_->goOn(caller, *workflowId, first) : impl_->create(caller, input, first);

  const Workflow& workflow = started.workflow;
  started.stream = impl_->openStream(caller, std::move(streamSlot), workflow,
                                     {.after = {.seq = workflow.lastSeq - 1},
                                      .round = workflow.currentRound,
                                      .deltas = deltas == Deltas::shown});
  impl_->rounds->run(std::move(roundSlot), Scope::ofMandate(workflow.mandateId),
                     {.workflowId = workflow.id,
                      .round = workflow.currentRound,
                      .messageId = first.id,
                      .messageSeq = workflow.lastSeq,
                      .userId = caller.userId,
                      .mandateId = caller.mandateId,
                      .prompt = input.prompt,
                      .userLanguage = input.userLanguage,
                      .listFileId = input.listFileId,
                      .documents = first.documents},
                     *impl_->options.responder);
  return started;
}

Workflow Engine::stop(const Identity& caller, std::string_view workflowId) {
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->require(caller, workflow, Operation::update, kMayNotChange);
  WorkflowChange change = impl_->store->stop(allowed, workflowId);
  if (change.result == ChangeResult::notFound) throw notFound(workflowId);
  if (change.result == ChangeResult::done) impl_->rounds->cancel(roundOf(change.workflow));
  return std::move(change.workflow);
}

void Engine::remove(const Identity& caller, std::string_view workflowId) {
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->require(caller, workflow, Operation::remove, kMayNotDelete);
  // Its row gone, the round can append nothing more; only then is its responder told, so that a
  // delete that fails has changed nothing.
  if (!impl_->store->remove(allowed, workflowId)) throw notFound(workflowId);
  impl_->rounds->cancel({std::string(workflowId), kUnlimited});
}

Workflow Engine::rename(const Identity& caller, std::string_view workflowId,
                        std::string_view name) {
  checkName(name);
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->require(caller, workflow, Operation::update, kMayNotChange);
  std::optional<Workflow> renamed = impl_->store->rename(allowed, workflowId, name);
  if (!renamed) throw notFound(workflowId);
  return *std::move(renamed);
}

WorkflowPage Engine::list(const Identity& caller, const PageQuery& query) {
  impl_->check(caller);
  return impl_->store->list(impl_->scope(caller, Operation::read), kChatbotMode, query);
}

std::vector<Workflow> Engine::listAll(const Identity& caller) {
  impl_->check(caller);
  return impl_->store->listAll(impl_->scope(caller, Operation::read), kChatbotMode,
                               PageQuery::everything(workflowSchema()));
}

Tail Engine::detail(const Identity& caller, std::string_view workflowId) {
  impl_->check(caller);
  if (!isId(workflowId)) throw notFound(workflowId);
  std::optional<Tail> tail = impl_->store->tail(impl_->scope(caller, Operation::read), workflowId,
                                                0, kUnlimited, kUnlimited);
  Impl::checkFound(tail ? std::optional(tail->workflow) : std::nullopt, workflowId);
  return *std::move(tail);
}

JoinedStream Engine::join(const Identity& caller, std::string_view workflowId,
                          std::optional<Place> last, Deltas deltas) {
  // Before the workflow: a draft that is not open any more has lengthened the log.
  const std::optional<StreamHub::DraftExtent> draft = impl_->streams->draftExtent(workflowId);
  const Workflow workflow = impl_->find(caller, workflowId);
  if (last) Impl::checkExists(*last, workflow, draft, deltas);
  const bool over = workflow.status != WorkflowStatus::running;
  if (last && over && last->seq == workflow.lastSeq) return {};
  StreamHub::Slot slot = impl_->streams->reserve(caller);
  return {impl_->openStream(
      caller, std::move(slot), workflow,
      {.after = last.value_or(Place{}), .round = {}, .deltas = deltas == Deltas::shown})};
}

void Engine::setRules(RuleSet rules) {
  impl_->rules->replace(std::move(rules));
  impl_->streams->revalidate();
}

std::shared_ptr<const RuleSet> Engine::rules() const { return impl_->rules->get(); }

TurnQueue* Engine::turns() noexcept {
  return dynamic_cast<TurnQueue*>(impl_->options.responder.get());
}

void Engine::shutdown() noexcept {
  if (impl_->closed.exchange(true)) return;
  impl_->upkeep->stop();
  impl_->streams->close();
  impl_->rounds->close();
  impl_->options.responder->stop();
}

Environment& Engine::environment() noexcept { return *impl_->options.environment; }

const LogFunction& Engine::log() const noexcept { return impl_->options.log; }

}  // namespace chatbot
