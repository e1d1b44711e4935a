#include "chatbot/engine.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "chatbot/error.h"
#include "engine/option_table.h"
#include "engine/shared_rules.h"
#include "engine/start_request.h"
#include "engine/starter.h"
#include "engine/upkeep.h"
#include "engine/workflow_access.h"
#include "model/name.h"
#include "run/rounds.h"

namespace chatbot {
namespace {

// How soon what another engine on the database has changed is noticed.
constexpr std::chrono::milliseconds kUpkeepInterval{500};

constexpr std::size_t kPortion = 64;   // items at once: other writers wait for them
constexpr std::size_t kPortions = 20;  // at a time

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

RoundKey roundOf(const Workflow& workflow) { return {workflow.id, workflow.currentRound}; }

constexpr const char* kMayNotChange = "You don't have permission to change this workflow";
constexpr const char* kMayNotDelete = "You don't have permission to delete this workflow";

run::RoundLimitOptions limitsOf(const EngineOptions& options) {
  const bool waits = options.onLimit == EngineOptions::OnLimit::queue;
  return {.maxRounds = options.maxRounds,
          .maxPerMandate = options.maxRoundsPerMandate,
          .maxPerUser = options.maxRoundsPerUser,
          .maxWaiting = waits ? options.maxWaitingRounds : 0};
}

}  // namespace

struct Engine::Impl {
  explicit Impl(EngineOptions theOptions)
      : options(std::move(theOptions)),
        store(store::EngineStore::open(options.store, options.environment, options.log)),
        rules(std::make_shared<engine::SharedRules>(store, std::move(options.rules), options.log)),
        streams(std::make_shared<StreamHub>(store, options.environment, options.streams)),
        rounds(std::make_shared<run::Rounds>(
            store, streams, options.environment, options.log,
            run::RoundOptions{.limits = limitsOf(options),
                              .draftInterval = options.draftInterval})),
        access(store, rules, options.log),
        opener(streams, rules),
        starter(
            std::make_shared<engine::Starter>(engine::Starter::Parts{.store = store,
                                                                     .rounds = rounds,
                                                                     .responder = options.responder,
                                                                     .access = access,
                                                                     .streams = opener})) {
    upkeep = std::make_shared<engine::Upkeep>(options.environment, kUpkeepInterval);
    // Weak: a turn may outlive the engine, and the store with it.
    store->onChange([hub = std::weak_ptr(streams), next = wakesForNext()](const Change& change) {
      if (const std::shared_ptr<StreamHub> open = hub.lock()) open->notify(change);
      if (change.status != WorkflowStatus::running) next();
    });
    rounds->onFree(wakesForNext());
    store->draftsFrom([hub = std::weak_ptr(streams)](std::string_view id, store::DraftAccess how) {
      const std::shared_ptr<StreamHub> open = hub.lock();
      return open == nullptr ? std::nullopt : open->draft(id, how);
    });
    rounds->recover();
    takeInQueued();
    upkeep->start([this] { work(); });
    store->onPeerChange([this](std::string_view workflowId) { followOther(workflowId); });
  }

  // A round that ends makes way for a start that waits.
  std::function<void()> wakesForNext() const {
    return [waker = std::weak_ptr(upkeep), queue = std::weak_ptr(starter)] {
      const std::shared_ptr<engine::Starter> waiting = queue.lock();
      if (waiting == nullptr || !waiting->mayHaveQueued()) return;
      if (const std::shared_ptr<engine::Upkeep> thread = waker.lock()) thread->wake();
    };
  }

  // Between portions of what may take long, what others wait for.
  void work() noexcept {
    try {
      keepRounds();
      followOthers();
      for (std::size_t portion = 0; portion < kPortions && !closed; ++portion) {
        if (rules->refresh()) streams->revalidate();
        starter->beginQueued();
        const bool swept = store->sweepRemoved(kPortion);
        if (store->indexMessages(kPortion) == 0 && !swept) return;
      }
    } catch (const std::exception&) {
      // All of it is tried again; who writes is told what is wrong with the store.
    }
  }

  // Says that this engine's rounds are alive, and looks for those of engines that are not.
  void keepRounds() {
    const bool isNeeded = rounds->anyRunning() || starter->mayHaveQueued();
    if (isNeeded || store->isShared()) store->renewLease();
    const Instant now = options.environment->now();
    if (now < nextRecovery) return;
    nextRecovery = now + options.store.lease / 10;
    rounds->recover();
    takeInQueued();
  }

  // What other engines on the database have done to what is answered or streamed here.
  void followOthers() {
    if (!mayHaveOthers()) return;
    for (const auto& [id, found] : foundOf(rounds->workflows())) rounds->cancelEnded(id, found);
    for (const auto& [id, found] : foundOf(streams->followed())) {
      // Where the database tells of changes, this is for what it has not told.
      const bool isKnown = store->hearsPeers() && found && !streams->isBehind(*found);
      if (!isKnown) show(id);
    }
  }

  bool mayHaveOthers() const { return store->isShared() || store->hasPeers(); }

  // One look after the other, so that an older one is not shown behind a newer one.
  void show(std::string_view workflowId) {
    const std::size_t place = std::hash<std::string_view>{}(workflowId) % looks.size();
    const std::lock_guard lock(looks[place]);
    streams->notify(workflowId, store->snapshot(Scope::system(), workflowId));
  }

  using FoundWorkflows = std::map<std::string, std::optional<Workflow>>;
  FoundWorkflows foundOf(const std::vector<std::string>& ids) const {
    FoundWorkflows found;
    if (ids.empty()) return found;
    for (const std::string& id : ids) found.emplace(id, std::nullopt);
    for (Workflow& workflow : store->findAll(Scope::system(), ids)) {
      std::string id = workflow.id;
      found[std::move(id)] = std::move(workflow);
    }
    return found;
  }

  // The same for one workflow, as soon as the other engine says so; for all, where it may have said
  // so in vain.
  void followOther(std::string_view workflowId) noexcept {
    try {
      if (workflowId.empty()) return followAll();
      rounds->cancelEnded(workflowId);
      if (streams->follows(workflowId)) show(workflowId);
      if (starter->mayHaveQueued() && isOver(workflowId)) upkeep->wake();
    } catch (const std::exception&) {
      // followOthers() looks again.
    }
  }

  void followAll() {
    for (const std::string& id : rounds->workflows()) rounds->cancelEnded(id);
    for (const std::string& id : streams->followed()) show(id);
    if (starter->mayHaveQueued()) upkeep->wake();
  }

  bool isOver(std::string_view workflowId) const {
    const std::optional<Workflow> found = store->find(Scope::system(), workflowId);
    return !found || found->status != WorkflowStatus::running;
  }

  // What engines have left that are gone.
  void takeInQueued() {
    if (!store->hasQueued(Scope::system())) return;
    starter->lookForQueued();
    upkeep->wake();
  }

  void check(const Identity& caller) const {
    validate(caller);
    if (closed) throw Error(ErrorCode::unavailable, "The engine is shut down");
  }

  Workflow find(const Identity& caller, std::string_view workflowId) const {
    check(caller);
    return access.find(caller, workflowId);
  }

  // Where another engine may be writing: its readers may have been shown more than is stored.
  std::optional<StreamHub::DraftExtent> draftExtent(std::string_view workflowId) const {
    const std::optional<StreamHub::DraftExtent> own = streams->draftExtent(workflowId);
    if (own || rounds->answers(workflowId) || !store->hasPeers()) return own;
    return StreamHub::DraftExtent{.afterSeq = 0, .length = kUnlimited};
  }

  // A position in a draft exists while that draft, or a longer log, does.
  static void checkExists(const Position& position, const Workflow& workflow,
                          const std::optional<StreamHub::DraftExtent>& draft, Deltas deltas) {
    const std::int64_t offset = position.offset.value_or(0);
    const bool isRunning = workflow.status == WorkflowStatus::running;
    const bool inDraft = draft && isRunning && draft->afterSeq <= position.seq;
    const bool exists = position.seq < workflow.lastSeq ||
                        (position.seq == workflow.lastSeq && (inDraft || offset == 0));
    if (exists && !(inDraft && offset > draft->length)) return;
    Position newest{.seq = workflow.lastSeq};
    const bool isKnown = draft && draft->length != kUnlimited;
    if (isKnown && deltas == Deltas::shown) newest.offset = draft->length;
    throw Error(ErrorCode::conflict, fmt::format("Place {} does not exist yet; the newest is {}",
                                                 toText(position), toText(newest)));
  }

  EngineOptions options;
  std::shared_ptr<store::EngineStore> store;
  std::shared_ptr<engine::SharedRules> rules;
  std::shared_ptr<StreamHub> streams;
  std::shared_ptr<run::Rounds> rounds;
  engine::WorkflowAccess access;
  engine::StreamOpener opener;
  std::shared_ptr<engine::Starter> starter;
  std::atomic<bool> closed = false;
  std::array<std::mutex, 64> looks;  // each for some of the workflows
  Instant nextRecovery;              // of the upkeep's thread
  std::shared_ptr<engine::Upkeep> upkeep;
};

std::shared_ptr<Engine> Engine::open(EngineOptions options) {
  base::checkOptions(engine::optionTable(), options);
  if (!options.environment) options.environment = systemEnvironment();
  if (!options.responder) {
    options.responder = std::make_shared<TurnQueue>(options.environment, options.turnTimeout);
  }
  return std::shared_ptr<Engine>(new Engine(std::make_unique<Impl>(std::move(options))));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() { shutdown(); }

StartedRound Engine::start(const Identity& caller, const UserInput& input,
                           const StartOptions& how) {
  impl_->check(caller);
  const StartRequest request = engine::startRequest(caller, input, how, impl_->options);
  return impl_->starter->start(request, how.deltas);
}

Workflow Engine::stop(const Identity& caller, std::string_view workflowId) {
  Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->access.require(caller, workflow, Operation::update, kMayNotChange);
  if (workflow.status != WorkflowStatus::running) return workflow;
  WorkflowChange change = impl_->store->stop(allowed, roundOf(workflow));
  if (change.result == ChangeResult::notFound) throw engine::workflowNotFound(workflowId);
  if (change.result == ChangeResult::done) impl_->rounds->cancel(roundOf(workflow));
  return std::move(change.workflow);
}

void Engine::remove(const Identity& caller, std::string_view workflowId) {
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->access.require(caller, workflow, Operation::remove, kMayNotDelete);
  // Its row gone, the round can append nothing more; only then is its responder told, so that a
  // delete that fails has changed nothing.
  if (!impl_->store->remove(allowed, workflowId)) throw engine::workflowNotFound(workflowId);
  impl_->rounds->cancel({std::string(workflowId), kUnlimited});
}

Workflow Engine::rename(const Identity& caller, std::string_view workflowId,
                        std::string_view name) {
  model::checkName(name);
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed = impl_->access.require(caller, workflow, Operation::update, kMayNotChange);
  std::optional<Workflow> renamed = impl_->store->rename(allowed, workflowId, name);
  if (!renamed) throw engine::workflowNotFound(workflowId);
  return *std::move(renamed);
}

WorkflowPage Engine::list(const Identity& caller, const PageQuery& query) {
  impl_->check(caller);
  return impl_->store->list(impl_->access.scope(caller, Operation::read), kChatbotMode, query);
}

std::vector<Workflow> Engine::listAll(const Identity& caller) {
  impl_->check(caller);
  return impl_->store->listAll(impl_->access.scope(caller, Operation::read), kChatbotMode,
                               PageQuery::everything(workflowSchema()));
}

Tail Engine::detail(const Identity& caller, std::string_view workflowId) {
  impl_->check(caller);
  if (!isId(workflowId)) throw engine::workflowNotFound(workflowId);
  std::optional<Tail> tail = impl_->store->tail(impl_->access.scope(caller, Operation::read),
                                                workflowId, 0, kUnlimited, kUnlimited);
  engine::WorkflowAccess::checkFound(tail ? std::optional(tail->workflow) : std::nullopt,
                                     workflowId);
  return *std::move(tail);
}

JoinedStream Engine::join(const Identity& caller, std::string_view workflowId,
                          std::optional<Position> last, Deltas deltas) {
  // Before the workflow: a draft that is not open any more has lengthened the log.
  const std::optional<StreamHub::DraftExtent> draft = impl_->draftExtent(workflowId);
  const Workflow workflow = impl_->find(caller, workflowId);
  if (last) Impl::checkExists(*last, workflow, draft, deltas);
  const bool over = workflow.status != WorkflowStatus::running;
  if (last && over && last->seq == workflow.lastSeq) return {};
  StreamHub::Slot slot = impl_->opener.reserve(caller);
  JoinedStream joined{impl_->opener.open(
      caller, std::move(slot), workflow,
      {.after = last.value_or(Position{}), .round = {}, .deltas = deltas == Deltas::shown})};
  if (!over && impl_->mayHaveOthers()) impl_->followOther(workflowId);
  return joined;
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
  impl_->store->onPeerChange({});
  impl_->streams->close();
  impl_->rounds->close();
  impl_->options.responder->stop();
}

Environment& Engine::environment() noexcept { return *impl_->options.environment; }

const LogFunction& Engine::log() const noexcept { return impl_->options.log; }

}  // namespace chatbot
