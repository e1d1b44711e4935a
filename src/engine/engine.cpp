#include "chatbot/engine.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <utility>

#include "base/scheduler.h"
#include "chatbot/error.h"
#include "engine/maintenance.h"
#include "engine/peer_watch.h"
#include "engine/shared_rules.h"
#include "engine/starter.h"
#include "engine/workflow_access.h"
#include "model/name.h"
#include "run/rounds.h"

namespace chatbot {
namespace {

// How soon an unannounced change of a peer is noticed.
constexpr std::chrono::milliseconds kMaintenanceInterval{500};

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

RoundKey roundOf(const Workflow& workflow) { return {workflow.id, workflow.currentRound}; }

run::RoundOptions roundOptions(const EngineOptions& options) {
  const bool waits = options.onLimit == EngineOptions::OnLimit::queue;
  return {.limits = {.maxRounds = options.maxRounds,
                     .maxPerMandate = options.maxRoundsPerMandate,
                     .maxPerUser = options.maxRoundsPerUser,
                     .maxWaiting = waits ? options.maxWaitingRounds : 0},
          .draftInterval = options.draftInterval};
}

}  // namespace

// The parts, and how they hear of each other. Each part is owned here; none owns another that owns
// it. The store's listeners hold weakly: a turn may outlive the engine, and the store with it.
struct Engine::Impl {
  Impl(EngineOptions theOptions, std::shared_ptr<base::Scheduler> theScheduler)
      : options(std::move(theOptions)),
        scheduler(std::move(theScheduler)),
        store(store::EngineStore::open(options.store, options.environment, options.log)),
        rules(std::make_shared<engine::SharedRules>(store, options.rules, options.log)),
        streams(
            std::make_shared<stream::Hub>(store, options.environment, options.streams, scheduler)),
        rounds(std::make_shared<run::Rounds>(run::Rounds::Parts{.store = store,
                                                                .streams = streams,
                                                                .scheduler = scheduler,
                                                                .environment = options.environment,
                                                                .log = options.log},
                                             roundOptions(options))),
        access(store, rules, options.log),
        opener(store, streams, rules, rounds->registry()),
        starter(
            std::make_shared<engine::Starter>(engine::Starter::Parts{.store = store,
                                                                     .rounds = rounds,
                                                                     .responder = options.responder,
                                                                     .access = access,
                                                                     .streams = opener})),
        passes(std::make_shared<base::RepeatedTask>(scheduler, kMaintenanceInterval)),
        peers(std::make_shared<engine::PeerWatch>(
            engine::PeerWatch::Parts{.store = store,
                                     .streams = streams,
                                     .rounds = rounds,
                                     .starter = starter,
                                     .wakeMaintenance = [task = passes] { task->wake(); }})),
        maintenance({.store = store,
                     .streams = streams,
                     .rounds = rounds,
                     .starter = starter,
                     .rules = rules,
                     .peers = peers,
                     .environment = options.environment},
                    options.store.lease) {
    listen();
    maintenance.recover();
    if (starter->mayHaveQueued()) passes->wake();
    passes->start([this] { maintenance.pass(); });
    store->onPeerChange([this](std::string_view workflowId) { peers->onPeerChange(workflowId); });
  }

  void listen() {
    const std::function<void()> next = wakesForNext();
    store->onChange([hub = std::weak_ptr(streams), next](const Change& change) {
      if (const std::shared_ptr<stream::Hub> open = hub.lock()) open->notify(change);
      if (change.status != WorkflowStatus::running) next();
    });
    store->draftsFrom([hub = std::weak_ptr(streams)](std::string_view id, store::DraftAccess how) {
      const std::shared_ptr<stream::Hub> open = hub.lock();
      return open == nullptr ? std::nullopt : open->draft(id, how);
    });
    rounds->onFree(next);
  }

  // A round that ends makes way for a start that waits.
  std::function<void()> wakesForNext() const {
    return [weakPasses = std::weak_ptr(passes), queue = std::weak_ptr(starter)] {
      const std::shared_ptr<engine::Starter> waiting = queue.lock();
      if (waiting == nullptr || !waiting->mayHaveQueued()) return;
      if (const std::shared_ptr<base::RepeatedTask> task = weakPasses.lock()) task->wake();
    };
  }

  void check(const Identity& caller) const {
    validate(caller);
    if (closed) throw Error(ErrorCode::unavailable, "The engine is shut down");
  }

  Workflow find(const Identity& caller, std::string_view workflowId) const {
    check(caller);
    return access.find(caller, workflowId);
  }

  EngineOptions options;
  std::shared_ptr<base::Scheduler> scheduler;  // the one of the engine
  std::shared_ptr<store::EngineStore> store;
  std::shared_ptr<engine::SharedRules> rules;
  std::shared_ptr<stream::Hub> streams;
  std::shared_ptr<run::Rounds> rounds;
  engine::WorkflowAccess access;
  engine::StreamOpener opener;
  std::shared_ptr<engine::Starter> starter;
  std::shared_ptr<base::RepeatedTask> passes;  // of the maintenance
  std::shared_ptr<engine::PeerWatch> peers;
  engine::Maintenance maintenance;
  std::atomic<bool> closed = false;
};

std::shared_ptr<Engine> Engine::open(EngineOptions options) {
  validate(options);
  if (!options.environment) options.environment = systemEnvironment();
  auto scheduler = std::make_shared<base::Scheduler>(options.environment);
  if (!options.responder) {
    options.responder =
        std::make_shared<TurnQueue>(options.environment, options.turnTimeout, scheduler);
  }
  return std::shared_ptr<Engine>(
      new Engine(std::make_unique<Impl>(std::move(options), std::move(scheduler))));
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() { shutdown(); }

StartedRound Engine::start(const Identity& caller, const CheckedInput& input,
                           const StartOptions& how) {
  impl_->check(caller);
  const StartRequest request = engine::startRequest(caller, input, how, impl_->options);
  return impl_->starter->start(request, how.deltas, how.after);
}

Workflow Engine::stop(const Identity& caller, std::string_view workflowId) {
  Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed =
      impl_->access.require(caller, workflow, Operation::update, engine::kMayNotChange);
  if (workflow.status != WorkflowStatus::running) return workflow;
  WorkflowChange change = impl_->store->stop(allowed, roundOf(workflow));
  if (change.result == ChangeResult::notFound) throw engine::workflowNotFound(workflowId);
  if (change.result == ChangeResult::done) impl_->rounds->registry().cancel(roundOf(workflow));
  return std::move(change.workflow);
}

void Engine::remove(const Identity& caller, std::string_view workflowId) {
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed =
      impl_->access.require(caller, workflow, Operation::remove, engine::kMayNotDelete);
  // Its row gone, the round can append nothing more; only then is its responder told, so that a
  // delete that fails has changed nothing.
  if (!impl_->store->remove(allowed, workflowId)) throw engine::workflowNotFound(workflowId);
  impl_->rounds->registry().cancel({std::string(workflowId), kUnlimited});
}

Workflow Engine::rename(const Identity& caller, std::string_view workflowId,
                        std::string_view name) {
  const std::string checked = model::checkedName(name);
  const Workflow workflow = impl_->find(caller, workflowId);
  const Scope allowed =
      impl_->access.require(caller, workflow, Operation::update, engine::kMayNotChange);
  std::optional<Workflow> renamed = impl_->store->rename(allowed, workflowId, checked);
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
  const std::optional<stream::DraftExtent> draft = impl_->opener.draftExtent(workflowId);
  const Workflow workflow = impl_->find(caller, workflowId);
  if (last) engine::StreamOpener::checkExists(*last, workflow, draft, deltas);
  const bool over = workflow.status != WorkflowStatus::running;
  if (last && over && last->seq == workflow.lastSeq) return {};
  StreamHub::Slot slot = impl_->opener.reserve(caller);
  JoinedStream joined{impl_->opener.open(
      caller, std::move(slot), workflow,
      {.after = last.value_or(Position{}), .round = {}, .deltas = deltas == Deltas::shown})};
  if (!over && impl_->peers->mayHavePeers()) impl_->peers->onPeerChange(workflowId);
  return joined;
}

void Engine::setRules(RuleSet rules) {
  impl_->rules->replace(std::move(rules));
  impl_->streams->revalidate();
}

RuleSet Engine::rules() const { return impl_->rules->get(); }

TurnQueue* Engine::turns() noexcept {
  return dynamic_cast<TurnQueue*>(impl_->options.responder.get());
}

void Engine::shutdown() noexcept {
  if (impl_->closed.exchange(true)) return;
  impl_->maintenance.stop();
  impl_->passes->stop();
  impl_->store->onPeerChange({});
  impl_->streams->close();
  impl_->rounds->close();
  impl_->options.responder->stop();
}

Environment& Engine::environment() noexcept { return *impl_->options.environment; }

const LogFunction& Engine::log() const noexcept { return impl_->options.log; }

}  // namespace chatbot
