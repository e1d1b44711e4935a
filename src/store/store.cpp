#include "chatbot/store.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "base/text.h"
#include "database/database.h"
#include "query/cursor.h"
#include "store/connections.h"
#include "store/draft_table.h"
#include "store/engine_store.h"
#include "store/item_table.h"
#include "store/lists.h"
#include "store/maintenance.h"
#include "store/membership.h"
#include "store/publisher.h"
#include "store/removal.h"
#include "store/round_queue_table.h"
#include "store/round_writer.h"
#include "store/search/message_index.h"
#include "store/settings.h"
#include "store/starts.h"
#include "store/workflow_table.h"

namespace chatbot::store {
namespace {

using database::Connection;

// The store on SQL. Each function is one transaction, of the connection that writes or of a reader;
// the parts below do the work. Nothing here is changed after the first write but by the parts, each
// of which says what guards it.
class SqlStore final : public EngineStore {
 public:
  SqlStore(const StoreOptions& options, std::shared_ptr<Environment> environment, LogFunction log)
      : environment_(std::move(environment)),
        database_(database::openDatabase(options, environment_, log)),
        connections_(database_, options),
        membership_(database_->openInstanceLock(), environment_, options.lease),
        rounds_(environment_, membership_),
        starts_(environment_, membership_, rounds_),
        maintenance_({.environment = environment_,
                      .log = std::move(log),
                      .connections = connections_,
                      .membership = membership_,
                      .rounds = rounds_,
                      .isShared = database_->isShared(),
                      .lease = options.lease}),
        lists_(prepare(), environment_),
        peers_(database_),
        publisher_(membership_, lists_, peers_) {
    connections_.onCommit([this](Changes& changes) { publisher_.publish(changes); });
  }

  ~SqlStore() override {
    peers_.close();
    try {
      connections_.writeUnscoped(
          [this](Connection& connection, Changes&) { membership_.leave(connection); });
    } catch (const std::exception&) {
      // The lock of this instance goes with it, which says the same.
    }
  }
  SqlStore(const SqlStore&) = delete;
  SqlStore& operator=(const SqlStore&) = delete;

  void onChange(std::function<void(const Change&)> listener) override {
    publisher_.onChange(std::move(listener));
  }

  // Reads

  std::optional<Workflow> find(const Scope& scope, std::string_view id) override {
    return read(scope, [&](ScopedConnection& rows) { return selectWorkflow(rows, id); });
  }

  std::vector<Workflow> findAll(const Scope& scope, std::span<const std::string> ids) override {
    return read(scope, [&](ScopedConnection& rows) { return selectWorkflowsOf(rows, ids); });
  }

  std::optional<Snapshot> snapshot(const Scope& scope, std::string_view id) override {
    return read(scope, [&](ScopedConnection& rows) -> std::optional<Snapshot> {
      std::optional<Workflow> workflow = selectWorkflow(rows, id);
      if (!workflow) return std::nullopt;
      return Snapshot{*std::move(workflow), selectDraft(rows, id)};
    });
  }

  WorkflowPage list(const Scope& scope, std::string_view mode, const PageQuery& query) override {
    const OpenedList list = lists_.open(scope, mode, query);
    if (query.searchesMessages()) maintenance_.indexForSearch(scope);
    return connections_.readUnscoped(
        [&](Connection& connection) { return lists_.page(connection, scope, list); });
  }

  std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                const PageQuery& query) override {
    if (query.searchesMessages()) maintenance_.indexForSearch(scope);
    return read(scope, [&](ScopedConnection& rows) {
      return selectWorkflows(rows, {mode, query}, {.limit = kEveryRow});
    });
  }

  std::optional<Tail> tail(const Scope& scope, std::string_view id, std::int64_t afterSeq,
                           std::size_t limit, std::size_t maxBytes) override {
    return read(scope, [&](ScopedConnection& rows) -> std::optional<Tail> {
      std::optional<Workflow> workflow = selectWorkflow(rows, id);
      if (!workflow) return std::nullopt;
      Tail tail{.workflow = *std::move(workflow), .items = {}};
      if (tail.workflow.lastSeq <= afterSeq) return tail;
      tail.items = selectItems(rows, id, {afterSeq, limit, maxBytes});
      return tail;
    });
  }

  std::vector<Item> messagesBefore(const Scope& scope, std::string_view id, std::int64_t round,
                                   const MessageLimits& limits) override {
    return read(scope, [&](ScopedConnection& rows) {
      return selectMessagesBefore(rows, id, round, limits);
    });
  }

  std::vector<RoundKey> runningRounds(const Scope& scope) override {
    return read(scope, [](ScopedConnection& rows) { return selectRunningRounds(rows); });
  }

  std::vector<RoundKey> ownRounds(const Scope& scope) override {
    return read(scope, [this](ScopedConnection& rows) {
      return selectRoundsOf(rows, membership_.instance());
    });
  }

  // Rounds

  Start start(const Scope& scope, const StartRequest& request) override {
    Start start;
    writeEnd(scope, request.workflowId,
             [&](Transaction& transaction) { start = starts_.start(transaction, request); });
    return start;
  }

  std::optional<Start> startedBefore(const Scope& scope, const Identity& caller,
                                     const StartKey& key) override {
    return read(scope, [&](ScopedConnection& rows) {
      return earlierStart(rows, caller, key, environment_->wallTime());
    });
  }

  bool hasQueued(const Scope& scope) override {
    return read(scope, [this](ScopedConnection& rows) {
      return store::hasQueued(rows, membership_.instance());
    });
  }

  std::vector<ReadyStart> readyStarts(const Scope& scope) override {
    return read(scope, [this](ScopedConnection& rows) {
      return selectReadyStarts(rows, membership_.instance());
    });
  }

  std::optional<DequeuedStart> beginQueued(const Scope& scope, std::string_view id) override {
    std::optional<DequeuedStart> begun;
    write(scope, [&](Transaction& transaction) { begun = starts_.beginQueued(transaction, id); });
    return begun;
  }

  std::optional<std::int64_t> append(const Scope& scope, const RoundKey& round,
                                     std::span<const ItemContent> items) override {
    return appendAs(scope, round, items, false);
  }

  std::optional<std::int64_t> finishDraft(const Scope& scope, const RoundKey& round,
                                          std::span<const ItemContent> items) override {
    return appendAs(scope, round, items, true);
  }

  void draftsFrom(DraftSource source) override { rounds_.draftsFrom(std::move(source)); }

  void saveDrafts(const Scope& scope, std::span<const std::string> workflowIds) override {
    write(scope, [&](Transaction& transaction) { rounds_.saveDrafts(transaction, workflowIds); });
    for (const std::string& id : workflowIds) peers_.announce(id);
  }

  bool endRound(const Scope& scope, const RoundKey& round, WorkflowStatus status,
                std::span<const ItemContent> items) override {
    const std::vector<ItemContent> owned = identified(*environment_, items);
    bool ended = false;
    writeEnd(scope, round.workflowId, [&](Transaction& transaction) {
      ended = rounds_.end(transaction, round, status, owned);
    });
    return ended;
  }

  WorkflowChange stop(const Scope& scope, const RoundKey& round) override {
    WorkflowChange change;
    writeEnd(scope, round.workflowId, [&](Transaction& transaction) {
      const bool stopped = rounds_.end(transaction, round, WorkflowStatus::stopped, {});
      std::optional<Workflow> workflow = selectWorkflow(transaction.rows, round.workflowId);
      change = {};
      if (!workflow) return;
      change.result = stopped ? ChangeResult::done : ChangeResult::conflict;
      change.workflow = *std::move(workflow);
    });
    return change;
  }

  // Workflows

  std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                 std::string_view name) override {
    return renameBy(scope, id, [&](ScopedConnection& rows) { return updateName(rows, id, name); });
  }

  bool renameInRound(const Scope& scope, const RoundKey& round, std::string_view name) override {
    const auto change = [&](ScopedConnection& rows) {
      return updateNameInRound(rows, round, name);
    };
    return renameBy(scope, round.workflowId, change).has_value();
  }

  bool remove(const Scope& scope, std::string_view id) override {
    constexpr std::size_t kSweptAtOnce = 64;
    bool removed = false;
    forgetOrLeave([&](RemovedWords words) {
      write(scope, [&](Transaction& transaction) {
        std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
        removed = removeWorkflow(transaction.rows, id);
        if (!removed) return;
        transaction.record(std::move(before), {});
        transaction.publish({.workflowId = std::string(id), .removed = true});
        store::sweepRemoved(transaction.rows, id, kSweptAtOnce, words);
      });
    });
    return removed;
  }

  void import(const Scope& scope, std::span<const Import> workflows) override {
    write(scope, [&](Transaction& transaction) {
      for (const Import& entry : workflows) {
        importWorkflow(transaction.rows, entry, *environment_);
      }
    });
  }

  // Peers and maintenance

  void onPeerChange(std::function<void(std::string_view)> listener) override {
    peers_.listen(std::move(listener));
  }
  bool hearsPeers() const noexcept override { return peers_.hears(); }
  bool isShared() const noexcept override { return database_->isShared(); }
  bool hasPeers() override { return maintenance_.hasPeers(); }

  void renewLease() override { maintenance_.renewLease(); }
  std::vector<RoundKey> reclaim(const Scope& scope, std::span<const ItemContent> items) override {
    return maintenance_.reclaim(scope, items);
  }
  std::size_t indexMessages(std::size_t limit) override {
    return maintenance_.indexMessages(limit);
  }
  bool sweepRemoved(std::size_t limit) override { return maintenance_.sweepRemoved(limit); }
  bool sweepStartKeys(std::size_t limit) override { return maintenance_.sweepStartKeys(limit); }
  bool maintain(std::size_t limit) override { return maintenance_.maintain(limit); }

  // Rules

  std::optional<StoredRules> rulesOtherThan(std::int64_t version) override {
    return connections_.readUnscoped(
        [&](Connection& connection) { return selectRulesOtherThan(connection, version); });
  }

  std::int64_t saveRules(std::string_view json) override {
    constexpr std::uint64_t kPositive = std::numeric_limits<std::int64_t>::max();
    const auto version = static_cast<std::int64_t>((environment_->random() & kPositive) | 1);
    connections_.writeUnscoped(
        [&](Connection& connection, Changes&) { updateRules(connection, json, version); });
    return version;
  }

 private:
  // Enters the database; returns the secret that all engines on it sign cursors with.
  std::string prepare() {
    std::string secret;
    connections_.writeUnscoped([&](Connection& connection, Changes&) {
      membership_.enter(connection);
      renewIndex(connection);
      secret = cursorSecret(connection, query::newSecret(*environment_));
    });
    return secret;
  }

  std::optional<std::int64_t> appendAs(const Scope& scope, const RoundKey& round,
                                       std::span<const ItemContent> items, bool finishesDraft) {
    const std::vector<ItemContent> owned = identified(*environment_, items);
    std::optional<std::int64_t> lastSeq;
    write(scope, [&](Transaction& transaction) {
      lastSeq = rounds_.append(transaction, round, owned, finishesDraft);
    });
    return lastSeq;
  }

  // `change` renames the workflow and returns it as it is then.
  template <typename Rename>
  std::optional<Workflow> renameBy(const Scope& scope, std::string_view id, const Rename& change) {
    std::optional<Workflow> renamed;
    write(scope, [&](Transaction& transaction) {
      std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
      renamed = change(transaction.rows);
      if (renamed) transaction.record(std::move(before), renamed);
    });
    return renamed;
  }

  // A write that may end a round, and with it freeze the draft. Where it fails the round goes on.
  template <typename Work>
  void writeEnd(const Scope& scope, std::string_view workflowId, const Work& work) {
    try {
      write(scope, work);
    } catch (...) {
      rounds_.thaw(workflowId);
      throw;
    }
  }

  template <typename Work>
  std::invoke_result_t<Work, ScopedConnection&> read(const Scope& scope, const Work& work) {
    return connections_.read(scope, work);
  }

  template <typename Work>
  void write(const Scope& scope, const Work& work) {
    connections_.write(scope, work);
  }

  const std::shared_ptr<Environment> environment_;
  const std::shared_ptr<database::Database> database_;
  Connections connections_;
  Membership membership_;
  RoundWriter rounds_;
  Starts starts_;
  Maintenance maintenance_;
  Lists lists_;
  PeerLink peers_;
  Publisher publisher_;
};

}  // namespace

std::shared_ptr<EngineStore> EngineStore::open(const StoreOptions& options,
                                               std::shared_ptr<Environment> environment,
                                               LogFunction log) {
  base::reportTextMatch(log);
  return std::make_shared<SqlStore>(options, std::move(environment), std::move(log));
}

}  // namespace chatbot::store

std::shared_ptr<chatbot::Store> chatbot::Store::open(const StoreOptions& options,
                                                     std::shared_ptr<Environment> environment,
                                                     LogFunction log) {
  return store::EngineStore::open(options, std::move(environment), std::move(log));
}
