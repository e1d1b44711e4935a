#include "chatbot/store.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "base/text_match.h"
#include "chatbot/error.h"
#include "database/database.h"
#include "database/migrations.h"
#include "database/reader_pool.h"
#include "query/cursor.h"
#include "store/engine_store.h"
#include "store/import.h"
#include "store/lists.h"
#include "store/log_append.h"
#include "store/message_index.h"
#include "store/peer_link.h"
#include "store/presence.h"
#include "store/publisher.h"
#include "store/removal.h"
#include "store/round_queue.h"
#include "store/round_writer.h"
#include "store/settings.h"
#include "store/start_key.h"
#include "store/starts.h"
#include "store/statements.h"
#include "store/takeover.h"
#include "store/transaction.h"
#include "store/writer.h"

namespace chatbot::store {
namespace {

using database::Connection;
using database::ScopedConnection;

// The item that ends the rounds of a dead instance in a store without an engine.
Log interruptedLog() {
  Log log;
  log.message = "The round was interrupted before it had ended";
  log.type = "error";
  log.status = "error";
  return log;
}

constexpr int kMaxReaders = 64;

// How long a read waits for those before it, as on a server that does not answer.
constexpr std::chrono::seconds kReaderPatience{5};

class SqlStore final : public EngineStore {
 public:
  SqlStore(const StoreOptions& options, std::shared_ptr<Environment> environment, LogFunction log)
      : environment_(std::move(environment)),
        log_(std::move(log)),
        database_(database::openDatabase(options, environment_, log_)),
        writer_(openWriter(options)),
        readers_([database = database_] { return database->openReader(); },
                 static_cast<std::size_t>(options.readers), kReaderPatience),
        presence_(database_->openRunnerLock(), environment_, options.lease),
        rounds_(environment_, presence_),
        starts_(environment_, presence_, rounds_),
        takeover_(environment_, presence_, rounds_),
        lists_(prepare(), environment_),
        peers_(database_),
        publisher_(presence_, lists_, peers_),
        lease_(options.lease) {
    writer_.onCommit([this](Changes& changes) { publisher_.publish(changes); });
  }

  ~SqlStore() override {
    peers_.close();
    try {
      writer_.write([&](Connection& connection, Changes&) { presence_.leave(connection); });
    } catch (const std::exception&) {
      // Its lock goes with it, which says the same.
    }
  }
  SqlStore(const SqlStore&) = delete;
  SqlStore& operator=(const SqlStore&) = delete;

  void onChange(std::function<void(const Change&)> listener) override {
    publisher_.onChange(std::move(listener));
  }

  void onPeerChange(std::function<void(std::string_view)> listener) override {
    peers_.listen(std::move(listener));
  }

  bool hearsPeers() const noexcept override { return peers_.hears(); }

  void draftsFrom(DraftSource source) override { rounds_.draftsFrom(std::move(source)); }

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
    if (query.searchesMessages()) indexForSearch(scope);
    WorkflowPage page;
    readers_.read([&](Connection& connection) { page = lists_.page(connection, scope, list); });
    return page;
  }

  std::size_t indexMessages(std::size_t limit) override {
    const Scope everyTenant = Scope::system();
    if (!hasPendingIn(everyTenant)) return 0;
    std::size_t indexed = 0;
    write(everyTenant,
          [&](Transaction& transaction) { indexed = indexPending(transaction.rows, limit); });
    return indexed;
  }

  bool sweepRemoved(std::size_t limit) override {
    const Scope everyTenant = Scope::system();
    const auto id = read(everyTenant, [](ScopedConnection& rows) { return selectRemoved(rows); });
    if (!id) return false;
    writeSweep(everyTenant, [&](Transaction& transaction, RemovedWords words) {
      store::sweepRemoved(transaction.rows, *id, limit, words);
    });
    return true;
  }

  bool sweepStartKeys(std::size_t limit) override {
    const Scope everyTenant = Scope::system();
    const double now = environment_->wallTime();
    const bool any =
        read(everyTenant, [&](ScopedConnection& rows) { return hasExpiredStarts(rows, now); });
    if (!any) return false;
    std::size_t deleted = 0;
    write(everyTenant, [&](Transaction& transaction) {
      deleted = deleteExpiredStarts(transaction.rows, now, limit);
    });
    return deleted == limit;
  }

  bool maintain(std::size_t limit) override {
    const Scope everyTenant = Scope::system();
    if (isNeeded(everyTenant)) renewLease();
    if (isReclaimDue()) reclaim(everyTenant, std::array<ItemContent, 1>{interruptedLog()});
    const bool mayHaveKeys = sweepStartKeys(limit);
    const bool mayHaveRemoved = sweepRemoved(limit);
    return indexMessages(limit) > 0 || mayHaveRemoved || mayHaveKeys;
  }

  std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                const PageQuery& query) override {
    if (query.searchesMessages()) indexForSearch(scope);
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

  std::optional<std::int64_t> append(const Scope& scope, const RoundKey& round,
                                     std::span<const ItemContent> items) override {
    return appendAs(scope, round, items, false);
  }

  std::optional<std::int64_t> finishDraft(const Scope& scope, const RoundKey& round,
                                          std::span<const ItemContent> items) override {
    return appendAs(scope, round, items, true);
  }

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
      change = outcome(transaction, round.workflowId, stopped);
    });
    return change;
  }

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
    return read(scope,
                [&](ScopedConnection& rows) { return store::hasQueued(rows, presence_.runner()); });
  }

  std::vector<ReadyStart> readyStarts(const Scope& scope) override {
    return read(
        scope, [&](ScopedConnection& rows) { return selectReadyStarts(rows, presence_.runner()); });
  }

  std::optional<DequeuedStart> beginQueued(const Scope& scope, std::string_view id) override {
    std::optional<DequeuedStart> begun;
    write(scope, [&](Transaction& transaction) { begun = starts_.beginQueued(transaction, id); });
    return begun;
  }

  std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                 std::string_view name) override {
    std::optional<Workflow> renamed;
    write(scope, [&](Transaction& transaction) {
      std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
      renamed = updateName(transaction.rows, id, name);
      if (renamed) transaction.note(std::move(before), renamed);
    });
    return renamed;
  }

  bool renameInRound(const Scope& scope, const RoundKey& round, std::string_view name) override {
    bool renamed = false;
    write(scope, [&](Transaction& transaction) {
      std::optional<Workflow> before = lockWorkflow(transaction.rows, round.workflowId);
      std::optional<Workflow> after = updateNameInRound(transaction.rows, round, name);
      renamed = after.has_value();
      if (renamed) transaction.note(std::move(before), std::move(after));
    });
    return renamed;
  }

  bool remove(const Scope& scope, std::string_view id) override {
    constexpr std::size_t kSweptAtOnce = 64;
    bool removed = false;
    writeSweep(scope, [&](Transaction& transaction, RemovedWords words) {
      std::optional<Workflow> before = lockWorkflow(transaction.rows, id);
      removed = deleteWorkflow(transaction.rows, id);
      if (!removed) return;
      transaction.note(std::move(before), {});
      transaction.tell({.workflowId = std::string(id), .removed = true});
      store::sweepRemoved(transaction.rows, id, kSweptAtOnce, words);
    });
    return removed;
  }

  std::vector<RoundKey> runningRounds(const Scope& scope) override {
    return read(scope, [](ScopedConnection& rows) { return selectRunningRounds(rows); });
  }

  std::vector<RoundKey> reclaim(const Scope& scope, std::span<const ItemContent> items) override {
    std::vector<RoundKey> ended;
    if (!mayHaveAbandoned(scope)) return ended;
    Takeover::Portion portion{.mayBeMore = true, .ended = {}};
    while (portion.mayBeMore) {
      write(scope,
            [&](Transaction& transaction) { portion = takeover_.takeOver(transaction, items); });
      std::ranges::move(portion.ended, std::back_inserter(ended));
    }
    return ended;
  }

  std::vector<RoundKey> ownRounds(const Scope& scope) override {
    return read(scope,
                [&](ScopedConnection& rows) { return selectRoundsOf(rows, presence_.runner()); });
  }

  bool isShared() const noexcept override { return database_->isShared(); }

  bool hasPeers() override {
    bool others = false;
    readers_.read([&](Connection& connection) { others = presence_.hasOthers(connection); });
    return others;
  }

  void renewLease() override {
    if (!presence_.isBeatDue()) return;
    writer_.write(
        [&](Connection& connection, Changes& changes) { presence_.beat(connection, changes); });
  }

  void import(const Scope& scope, std::span<const Import> workflows) override {
    write(scope, [&](Transaction& transaction) {
      for (const Import& entry : workflows) {
        importWorkflow(transaction.rows, entry, *environment_);
      }
    });
  }

  std::optional<StoredRules> rulesOtherThan(std::int64_t version) override {
    std::optional<StoredRules> rules;
    readers_.read(
        [&](Connection& connection) { rules = selectRulesOtherThan(connection, version); });
    return rules;
  }

  std::int64_t saveRules(std::string_view json) override {
    constexpr std::uint64_t kPositive = std::numeric_limits<std::int64_t>::max();
    const auto version = static_cast<std::int64_t>((environment_->random() & kPositive) | 1);
    writer_.write(
        [&](Connection& connection, Changes&) { updateRules(connection, json, version); });
    return version;
  }

 private:
  std::unique_ptr<Connection> openWriter(const StoreOptions& options) {
    if (options.readers < 1 || options.readers > kMaxReaders) {
      throw Error(ErrorCode::invalidArgument, "readers must be from 1 to 64");
    }
    std::unique_ptr<Connection> connection = database_->openWriter();
    database::migrate(*connection);
    return connection;
  }

  // What the database holds for all engines on it.
  std::string prepare() {
    std::string secret;
    writer_.write([&](Connection& connection, Changes&) {
      presence_.enter(connection);
      renewIndex(connection);
      secret = cursorSecret(connection, query::newSecret(*environment_));
    });
    return secret;
  }

  // One small portion, so that callers find what they have just said. A search in a store that
  // cannot be written, or not at once, finds what is indexed.
  void indexForSearch(const Scope& scope) {
    constexpr std::size_t kPortion = 64;
    try {
      if (!hasPendingIn(scope)) return;
      writer_.tryWrite([&](Connection& connection, Changes&) {
        ScopedConnection rows(connection, scope);
        indexPending(rows, kPortion);
      });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unavailable) throw;
      if (log_) log_(LogLevel::warning, "new messages could not be indexed for a search", {});
    }
  }

  bool hasPendingIn(const Scope& scope) {
    return read(scope, [](ScopedConnection& rows) { return hasPending(rows); });
  }

  // A full store has no space to forget the words in.
  template <typename Work>
  void writeSweep(const Scope& scope, const Work& work) {
    const auto sweep = [&](RemovedWords words) {
      write(scope, [&](Transaction& transaction) { work(transaction, words); });
    };
    try {
      sweep(RemovedWords::forgotten);
    } catch (const database::FullError&) {
      sweep(RemovedWords::left);
    }
  }

  // A write that ends a round, and with it what is written.
  template <typename Work>
  void writeEnd(const Scope& scope, std::string_view workflowId, const Work& work) {
    try {
      write(scope, work);
    } catch (...) {
      rounds_.thaw(workflowId);
      throw;
    }
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

  // Whether peers must be told that this instance lives: they would end its rounds.
  bool isNeeded(const Scope& everyTenant) {
    return isShared() || !ownRounds(everyTenant).empty() || hasQueued(everyTenant);
  }

  // Ten times within a lease: dead instances are found by looks that are not far apart.
  bool isReclaimDue() {
    const Instant now = environment_->now();
    if (now < nextReclaim_.load()) return false;
    nextReclaim_ = now + lease_ / 10;
    return true;
  }

  // The outcome of a change that finds its row in one state only.
  static WorkflowChange outcome(Transaction& transaction, std::string_view id, bool done) {
    std::optional<Workflow> workflow = selectWorkflow(transaction.rows, id);
    if (!workflow) return {};
    return {done ? ChangeResult::done : ChangeResult::conflict, *std::move(workflow)};
  }

  bool mayHaveAbandoned(const Scope& scope) {
    return hasPeers() || read(scope, [](ScopedConnection& rows) {
             return !selectAbandonedRounds(rows, {}, 1).empty() || hasAbandonedQueue(rows, {});
           });
  }

  template <typename Work>
  std::invoke_result_t<Work, ScopedConnection&> read(const Scope& scope, const Work& work) {
    std::optional<std::invoke_result_t<Work, ScopedConnection&>> result;
    readers_.read([&](Connection& connection) {
      ScopedConnection rows(connection, scope);
      result.emplace(work(rows));
    });
    return *std::move(result);
  }

  template <typename Work>
  void write(const Scope& scope, const Work& work) {
    writer_.write([&](Connection& connection, Changes& changes) {
      Transaction transaction(connection, scope, changes);
      work(transaction);
    });
  }

  std::shared_ptr<Environment> environment_;
  LogFunction log_;
  const std::shared_ptr<database::Database> database_;
  Writer writer_;  // made before the readers and gone after them: it is the last to close
  database::ReaderPool readers_;
  Presence presence_;
  RoundWriter rounds_;
  Starts starts_;
  Takeover takeover_;
  Lists lists_;
  PeerLink peers_;
  Publisher publisher_;
  const std::chrono::milliseconds lease_;
  std::atomic<Instant> nextReclaim_{Instant{}};  // by maintain()
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
