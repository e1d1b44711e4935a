#include "chatbot/store.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "chatbot/error.h"
#include "store/log_append.h"
#include "store/migrations.h"
#include "store/reader_pool.h"
#include "store/sqlite/connection.h"
#include "store/statements.h"
#include "store/writer.h"

namespace chatbot {
namespace {

using store::Changes;
using store::Connection;

constexpr int kMaxReaders = 64;

store::CommittedChange changeOf(const Workflow& workflow) {
  return {.workflowId = workflow.id,
          .lastSeq = workflow.lastSeq,
          .round = workflow.currentRound,
          .status = workflow.status};
}

class SqlStore final : public Store {
 public:
  SqlStore(const StoreOptions& options, std::shared_ptr<Environment> environment, LogFunction log)
      : environment_(std::move(environment)),
        log_(std::move(log)),
        writer_(openWriter(options, log_)),
        readers_([options, log = log_] { return openReader(options, log); },
                 static_cast<std::size_t>(options.readers)) {}

  void onChange(std::function<void(const Change&)> listener) override {
    writer_.onChange(std::move(listener));
  }

  void draftsFrom(DraftSource source) override { drafts_ = std::move(source); }

  std::optional<Workflow> find(const Scope& scope, std::string_view id) override {
    return read([&](Connection& connection) { return selectWorkflow(connection, scope, id); });
  }

  WorkflowPage list(const Scope& scope, std::string_view mode, const PageQuery& query) override {
    const store::Selection selection{scope, mode, query};
    return read([&](Connection& connection) {
      WorkflowPage page;
      page.totalItems = countWorkflows(connection, selection);
      page.items = selectWorkflows(connection, selection, query.pageSize(), query.offset());
      return page;
    });
  }

  std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                const PageQuery& query) override {
    constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
    const store::Selection selection{scope, mode, query};
    return read(
        [&](Connection& connection) { return selectWorkflows(connection, selection, kAll, 0); });
  }

  std::optional<Tail> tail(const Scope& scope, std::string_view id, std::int64_t afterSeq,
                           std::size_t limit, std::size_t maxBytes) override {
    return read([&](Connection& connection) -> std::optional<Tail> {
      std::optional<Workflow> workflow = selectWorkflow(connection, scope, id);
      if (!workflow) return std::nullopt;
      Tail tail{.workflow = *std::move(workflow), .items = {}};
      if (tail.workflow.lastSeq <= afterSeq) return tail;
      tail.items = selectItems(connection, id, {afterSeq, limit, maxBytes});
      return tail;
    });
  }

  std::vector<Item> messagesBefore(const Scope& scope, std::string_view id,
                                   std::int64_t round) override {
    return read([&](Connection& connection) -> std::vector<Item> {
      if (!selectWorkflow(connection, scope, id)) return {};
      return selectMessagesBefore(connection, id, round);
    });
  }

  Workflow create(const Scope& scope, Workflow workflow, const ItemContent& first) override {
    if (!scope.allows(workflow.mandateId, workflow.createdBy)) {
      throw Error(ErrorCode::forbidden, "You don't have permission to create a workflow");
    }
    workflow.id = newId(*environment_);
    workflow.status = WorkflowStatus::running;
    workflow.currentRound = 1;
    workflow.lastSeq = 1;
    const ItemContent item = store::identified(*environment_, first);
    write([&](Connection& connection, Changes& changes) {
      workflow.createdAt = environment_->wallTime();
      workflow.startedAt = workflow.createdAt;
      workflow.lastActivity = workflow.createdAt;
      insertWorkflow(connection, workflow);
      changes.push_back(appendFirst(connection, workflow, item));
    });
    return workflow;
  }

  WorkflowChange beginRound(const Scope& scope, std::string_view id,
                            const ItemContent& first) override {
    const ItemContent item = store::identified(*environment_, first);
    return change(scope, id, [&](Connection& connection, Changes& changes) {
      const double now = environment_->wallTime();
      std::optional<Workflow> workflow = updateToNextRound(connection, scope, id, now);
      if (workflow) changes.push_back(appendFirst(connection, *workflow, item));
      return workflow;
    });
  }

  std::optional<std::int64_t> append(const RoundKey& round, std::span<const ItemContent> items,
                                     DraftFate draft) override {
    const std::vector<ItemContent> owned = store::identified(*environment_, items);
    std::optional<std::int64_t> lastSeq;
    write([&](Connection& connection, Changes& changes) {
      std::optional<store::CommittedChange> change =
          appendTo(connection, round, owned, environment_->wallTime());
      lastSeq = change ? std::optional(change->lastSeq) : std::nullopt;
      if (!change) return;
      change->draft = draft;
      if (draft == DraftFate::finished) deleteDraft(connection, round.workflowId);
      changes.push_back(*std::move(change));
    });
    return lastSeq;
  }

  void saveDrafts(std::span<const std::string> workflowIds) override {
    write([&](Connection& connection, Changes&) {
      for (const std::string& id : workflowIds) {
        const std::optional<Draft> draft = draftInMemory(id, DraftAccess::look);
        if (draft) upsertDraft(connection, *draft);
      }
    });
  }

  bool endRound(const RoundKey& round, WorkflowStatus status,
                std::span<const ItemContent> items) override {
    std::vector<ItemContent> owned = store::identified(*environment_, items);
    bool ended = false;
    writeEnd(round.workflowId, [&](Connection& connection, Changes& changes) {
      const double now = environment_->wallTime();
      std::vector<ItemContent> all;
      if (std::optional<Message> kept = unfinished(connection, round, status)) {
        all.emplace_back(*std::move(kept));
      }
      all.insert(all.end(), owned.begin(), owned.end());
      std::optional<store::CommittedChange> change = appendTo(connection, round, all, now);
      ended = change.has_value();
      if (!ended) return;
      updateToEnded(connection, round, status, now);
      deleteDraft(connection, round.workflowId);
      change->status = status;
      changes.push_back(*std::move(change));
    });
    return ended;
  }

  WorkflowChange stop(const Scope& scope, std::string_view id) override {
    return change(scope, id, [&](Connection& connection, Changes& changes) {
      std::optional<Workflow> workflow =
          updateToStopped(connection, scope, id, environment_->wallTime());
      if (!workflow) return workflow;
      store::CommittedChange change = changeOf(*workflow);
      const RoundKey round{workflow->id, workflow->currentRound};
      if (const auto kept = unfinished(connection, round, workflow->status)) {
        appendAfterEnd(connection, *workflow, *kept, change);
      }
      deleteDraft(connection, id);
      changes.push_back(std::move(change));
      return workflow;
    });
  }

  std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                 std::string_view name) override {
    std::optional<Workflow> renamed;
    write([&](Connection& connection, Changes&) {
      renamed = updateName(connection, scope, id, name);
    });
    return renamed;
  }

  bool remove(const Scope& scope, std::string_view id) override {
    bool removed = false;
    write([&](Connection& connection, Changes& changes) {
      removed = deleteWorkflow(connection, scope, id);
      if (removed) changes.push_back({.workflowId = std::string(id), .removed = true});
    });
    return removed;
  }

  std::vector<RoundKey> runningRounds() override {
    return read([](Connection& connection) { return selectRunningRounds(connection); });
  }

  void import(std::span<const Import> workflows) override {
    write([&](Connection& connection, Changes&) {
      for (const Import& entry : workflows) importOne(connection, entry);
    });
  }

 private:
  static std::unique_ptr<Connection> openWriter(const StoreOptions& options,
                                                const LogFunction& log) {
    if (options.readers < 1 || options.readers > kMaxReaders) {
      throw Error(ErrorCode::invalidArgument, "readers must be from 1 to 64");
    }
    std::unique_ptr<Connection> connection = openSqlite(options, store::SqliteMode::readWrite, log);
    store::migrate(*connection);
    return connection;
  }

  // Readers are opened while clients wait, who need not know where the file is.
  static std::unique_ptr<Connection> openReader(const StoreOptions& options,
                                                const LogFunction& log) {
    try {
      return openSqlite(options, store::SqliteMode::readOnly, log);
    } catch (const Error& error) {
      if (log) log(LogLevel::error, error.what(), {});
      throw Error(ErrorCode::unavailable, "The store cannot be reached");
    }
  }

  std::optional<Draft> draftInMemory(std::string_view workflowId, DraftAccess access) const {
    return drafts_ ? drafts_(workflowId, access) : std::nullopt;
  }

  // A write that ends a round, and with it what is written.
  void writeEnd(std::string_view workflowId, const store::Writer::Job& job) {
    try {
      write(job);
    } catch (...) {
      draftInMemory(workflowId, DraftAccess::thaw);
      throw;
    }
  }

  // What is kept of the round's open draft: its text as it is, or else as it was stored last.
  // Nothing of one that has just become an item.
  std::optional<Message> unfinished(Connection& connection, const RoundKey& round,
                                    WorkflowStatus status) const {
    std::optional<Draft> draft = draftInMemory(round.workflowId, DraftAccess::freeze);
    if (!draft) draft = selectDraft(connection, round.workflowId);
    if (!draft || draft->round != round.round) return std::nullopt;
    if (isInLog(connection, *draft)) return std::nullopt;
    return store::messageOf(draft, status);
  }

  void importOne(Connection& connection, const Import& entry) {
    Workflow workflow = entry.workflow;
    workflow.lastSeq = static_cast<std::int64_t>(entry.items.size());
    insertWorkflow(connection, workflow);
    ItemPlace place{.workflowId = workflow.id,
                    .seq = 0,
                    .round = workflow.currentRound,
                    .createdAt = workflow.createdAt};
    for (const ItemContent& item : entry.items) {
      ++place.seq;
      insertItem(connection, store::identified(*environment_, item), place);
    }
  }

  // A change that finds its row in one state only: where it finds none, the row tells why.
  template <typename Apply>
  WorkflowChange change(const Scope& scope, std::string_view id, const Apply& apply) {
    WorkflowChange outcome;
    writeEnd(id, [&](Connection& connection, Changes& changes) {
      std::optional<Workflow> workflow = apply(connection, changes);
      outcome.result = workflow ? ChangeResult::done : ChangeResult::conflict;
      if (!workflow) workflow = selectWorkflow(connection, scope, id);
      if (!workflow) outcome.result = ChangeResult::notFound;
      outcome.workflow = std::move(workflow).value_or(Workflow{});
    });
    return outcome;
  }

  template <typename Work>
  std::invoke_result_t<Work, Connection&> read(const Work& work) {
    std::optional<std::invoke_result_t<Work, Connection&>> result;
    readers_.read([&](Connection& connection) { result.emplace(work(connection)); });
    return *std::move(result);
  }

  void write(const store::Writer::Job& job) { writer_.write(job); }

  std::shared_ptr<Environment> environment_;
  LogFunction log_;
  DraftSource drafts_;
  store::Writer writer_;  // made before the readers and gone after them: it is the last to close
  store::ReaderPool readers_;
};

}  // namespace

std::shared_ptr<Store> Store::open(const StoreOptions& options,
                                   std::shared_ptr<Environment> environment, LogFunction log) {
  store::reportSqliteVersion(log);
  return std::make_shared<SqlStore>(options, std::move(environment), std::move(log));
}

}  // namespace chatbot
