/// @file
/// The workflow store: workflows and their append-only logs of chat items, on SQLite or PostgreSQL.
///
/// Each item has a place (`seq`: 1, 2, 3 … per workflow, never reset) and is written in one
/// transaction with the workflow row that it changes. Waiting writers share one transaction (group
/// commit); reads run on a pool of read-only connections beside them.
///
/// All functions may be called from any thread and block for their own work only. Each that touches
/// tenants' rows takes the Scope of its caller: rows outside it do not exist for the call. The
/// host's own maintenance says Scope::system(). They throw Error (unavailable) when the database is
/// full or cannot be reached, and have then changed nothing. Where a server is lost between a
/// commit and its answer, and does not come back within seconds to be asked, they throw Error
/// (internal): the change may be there or not, so it must not simply be made again.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/access.h"
#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/model.h"
#include "chatbot/query.h"
#include "chatbot/store_options.h"

namespace chatbot {

/// The running round that an append belongs to. A round that was stopped, ended or followed by
/// another one takes nothing more.
struct RoundKey {
  std::string workflowId;
  std::int64_t round = 0;
};

/// The text of a message that is still being written. A workflow has at most one.
struct Draft {
  std::string workflowId;
  std::int64_t round = 0;
  std::string messageId;
  std::string parentMessageId{};  ///< of the user's message that it answers
  std::int64_t afterSeq = 0;      ///< the place of the newest item when it was begun
  std::string text;
};

/// What the store wants of a draft that is being written.
enum class DraftAccess {
  look,    ///< as it is; nothing while an append that finishes it is under way
  freeze,  ///< as it is, for the end of its round: what is added from now on is held back
  thaw,    ///< the round goes on after all: what was held back is added; answers nothing
};

/// What an append means for the workflow's draft.
enum class DraftFate {
  stays,
  finished,  ///< one of the items is the message that it has become
};

/// What has happened to a workflow. A hint to look; the items are there to spare the look.
struct Change {
  std::string_view workflowId;
  std::int64_t lastSeq = 0;
  std::int64_t round = 0;
  WorkflowStatus status = WorkflowStatus::running;
  DraftFate draft = DraftFate::stays;
  bool removed = false;
  std::span<const std::shared_ptr<const Item>>
      items{};  ///< the newest ones, where they are at hand
};

/// The log of one workflow from a place on, as of one moment.
struct Tail {
  Workflow workflow;
  std::vector<Item> items;  ///< in order; fewer than there are when a limit was reached
};

/// A workflow and the text that is being written in it, as of one moment.
struct Glance {
  Workflow workflow;
  std::optional<Draft> draft;  ///< as it was stored last
};

struct WorkflowPage {
  std::vector<Workflow> items;
  std::int64_t page = 1;        ///< its number; by cursor: how many came before, and one
  std::int64_t totalItems = 0;  ///< on all pages, of the same moment
  std::string nextCursor;       ///< of the page that follows; empty where none does
};

/// The page's metadata, as paginationJson makes it.
std::string pageJson(const PageQuery& query, const WorkflowPage& page);

/// The access rules that all engines on a database share.
struct StoredRules {
  std::int64_t version = 0;  ///< a name, of no order; 0: none were saved
  std::string json;          ///< as RuleSet::fromJson reads it; empty where none were saved
};

/// The outcome of a change that depends on the state of the workflow that it meets.
enum class ChangeResult {
  done,
  notFound,  ///< absent or out of scope
  conflict,  ///< a round is running (begin), or none is (stop)
};

struct WorkflowChange {
  ChangeResult result = ChangeResult::notFound;
  Workflow workflow;  ///< as it is afterwards; not set for notFound
};

/// What a start does to a workflow whose round is still running.
enum class OnBusy {
  reject,     ///< nothing: the start is refused
  interrupt,  ///< stops the running round; behind starts that wait already, waits with them
  enqueue,    ///< waits for it to end, behind those that wait already
};

/// By their names; nothing for any other text.
std::optional<OnBusy> onBusyFromText(std::string_view text) noexcept;

/// Makes a start that is sent twice the same one.
struct StartKey {
  std::string key;
  std::string fingerprint;  ///< of what is asked for
  double since = 0;  ///< earlier starts with the key, in seconds since the epoch, are forgotten
};

/// A caller's request for a round.
struct StartRequest {
  Identity caller;
  std::string workflowId;  ///< empty: a new workflow, with this name
  std::string name;
  UserInput input;
  OnBusy onBusy = OnBusy::reject;
  std::int64_t maxQueued = 0;  ///< starts that may wait for one workflow
  std::optional<StartKey> key;
};

enum class StartResult {
  begun,
  queued,        ///< it waits for the rounds before it
  repeated,      ///< the key has started a round before: that one
  notFound,      ///< absent or out of scope
  busy,          ///< a round is running, or others wait for one
  full,          ///< too many wait
  otherRequest,  ///< the key has started something else
};

struct Start {
  StartResult result = StartResult::notFound;
  Workflow workflow;  ///< as it is afterwards; of `repeated`, the id alone
  std::int64_t round = 0;
  std::int64_t afterSeq = 0;              ///< all items of the round have later places
  std::optional<WorkflowStatus> ended{};  ///< how the round has, where a later one has begun
  Message first;                          ///< the user's message, where the round has begun
  std::int64_t interrupted = 0;           ///< the round that was stopped for it; 0: none
};

/// The first start that waits for a workflow of which no round is running any more.
struct ReadyStart {
  std::string workflowId;
  std::string mandateId;  ///< of the workflow
  std::string userId;     ///< who has asked for it
};

/// A start that has waited, and whose round has now begun.
struct DequeuedStart {
  Workflow workflow;
  std::string userId;  ///< who has asked for it
  UserInput input;
  Message first;  ///< the user's message
};

/// So many messages at most, whose chat items are not longer than that together.
struct MessageLimits {
  std::size_t items = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

class Store {
 public:
  /// Opens the database and brings its schema up to date. Throws Error (unavailable) for a file
  /// that cannot be opened, (unsupported) for one that a newer version of the library has written.
  static std::shared_ptr<Store> open(const StoreOptions& options,
                                     std::shared_ptr<Environment> environment,
                                     LogFunction log = {});

  virtual ~Store() = default;

  /// Called after each commit, once for each change of a workflow, in the order of the commits,
  /// before the writer's call returns. It must be short and must not call the store. Set it before
  /// the first write.
  virtual void onChange(std::function<void(const Change&)> listener) = 0;

  /// Called with the id of each workflow that another store on the database has changed, where the
  /// database tells (PostgreSQL): on a thread of the store's own, soon after the change, and for
  /// several changes once; with an empty id where any may have changed, as after a time in which
  /// nothing could be heard. A hint: one may be lost. It must not throw. Taking the listener away,
  /// with an empty one, waits for a call that is under way.
  virtual void onOthersChange(std::function<void(std::string_view workflowId)> listener) = 0;

  /// Whether the database tells of changes at this time, so that they need not be looked for often.
  virtual bool tellsOfOthers() const noexcept = 0;

  /// Whether stores on other machines may be open on the database (PostgreSQL). A store says then
  /// that it lives even while it runs no round (renewLease()).
  virtual bool mayBeShared() const noexcept = 0;

  /// Where the drafts are that are being written in this process: asked on the writer's thread,
  /// within the transactions that save and end them. It must not call the store. Set it before the
  /// first write.
  using DraftSource =
      std::function<std::optional<Draft>(std::string_view workflowId, DraftAccess access)>;
  virtual void draftsFrom(DraftSource source) = 0;

  virtual std::optional<Workflow> find(const Scope& scope, std::string_view id) = 0;

  /// Those of `ids` that there are in scope, in any order; a few statements for many ids.
  virtual std::vector<Workflow> findAll(const Scope& scope, std::span<const std::string> ids) = 0;

  virtual std::optional<Glance> glance(const Scope& scope, std::string_view id) = 0;

  /// A page of the workflows of `mode`; newest activity first where the query has no sort. Cursors
  /// are tied to the scope's user and mandate, the mode, sort and filters, and good for 24 hours on
  /// every store of this database; another one is refused (invalidArgument). A page by cursor costs
  /// the same however deep it is; one by number, what it skips from the nearer end. The total is
  /// counted once for each list and then follows from the changes (see store/count_cache.h).
  virtual WorkflowPage list(const Scope& scope, std::string_view mode, const PageQuery& query) = 0;

  /// Brings up to `limit` messages into the full-text index that searches in messages look into,
  /// the newest first, the first 256 KiB of each. Returns how many: 0 when it is up to date. To be
  /// called from time to time until then, as Engine does. A search brings in a few of its caller's
  /// own newest ones itself.
  virtual std::size_t indexMessages(std::size_t limit) = 0;

  /// Deletes up to `limit` items that removed workflows have left. Returns whether there may be
  /// more. To be called from time to time until then, as Engine does.
  virtual bool sweepRemoved(std::size_t limit) = 0;

  /// All workflows of `mode` that fit the query, whatever its page says.
  virtual std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                        const PageQuery& query) = 0;

  /// Items after the place `afterSeq`: at most `limit`, and no more once their text has reached
  /// `maxBytes` (at least one). Workflow and items are of one moment.
  virtual std::optional<Tail> tail(const Scope& scope, std::string_view id, std::int64_t afterSeq,
                                   std::size_t limit, std::size_t maxBytes) = 0;

  /// The newest messages of rounds before `round` within the limits, oldest first, as chat items.
  virtual std::vector<Item> messagesBefore(const Scope& scope, std::string_view id,
                                           std::int64_t round,
                                           const MessageLimits& limits = {}) = 0;

  /// Makes a running workflow in its first round with `first` as its first item. Id, times, round,
  /// status and places are the store's to give. The scope must allow a row of this caller.
  virtual Workflow create(const Scope& scope, Workflow workflow, const ItemContent& first) = 0;

  /// Starts the next round of a workflow that is not running, with `first` as the round's first
  /// item.
  virtual WorkflowChange beginRound(const Scope& scope, std::string_view id,
                                    const ItemContent& first) = 0;

  /// Appends to a running round, all of `items` in one transaction. Returns the place of the last
  /// one, or nothing where the round is over: then nothing was appended.
  virtual std::optional<std::int64_t> append(const Scope& scope, const RoundKey& round,
                                             std::span<const ItemContent> items,
                                             DraftFate draft = DraftFate::stays) = 0;

  /// Stores the drafts of these workflows as they are, all in one transaction; those whose round is
  /// over are left out. What was stored is what remains when the process dies.
  virtual void saveDrafts(const Scope& scope, std::span<const std::string> workflowIds) = 0;

  /// Appends `items` and ends the round with `status`. A draft that is still open becomes a message
  /// before them: a finished one where the round is completed, else one that says that it was
  /// interrupted. False where the round is over already.
  virtual bool endRound(const Scope& scope, const RoundKey& round, WorkflowStatus status,
                        std::span<const ItemContent> items) = 0;

  /// Ends a round as stopped; an open draft is kept as in endRound. `conflict` where it is not
  /// running: a later round of the workflow is not touched.
  virtual WorkflowChange stop(const Scope& scope, const RoundKey& round) = 0;

  /// Does what a caller asks for, in one transaction: makes a workflow or goes on with one, as
  /// beginRound does, or has the start wait; and keeps its key.
  virtual Start start(const Scope& scope, const StartRequest& request) = 0;

  /// The start that `key` of this caller has made before, as start() would answer it, where there
  /// is one.
  virtual std::optional<Start> startedBefore(const Scope& scope, const Identity& caller,
                                             const StartKey& key) = 0;

  /// The starts that wait, each to be begun by the store that has taken it in or, where that one is
  /// gone, by the one that has taken over (endAbandoned): whether there are any for this store,
  /// those that may begin, and the begin of the first that waits for a workflow, where it may.
  virtual bool hasQueued(const Scope& scope) = 0;
  virtual std::vector<ReadyStart> readyStarts(const Scope& scope) = 0;
  virtual std::optional<DequeuedStart> beginQueued(const Scope& scope, std::string_view id) = 0;

  virtual std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                         std::string_view name) = 0;

  /// Renames the workflow of a running round. False where the round is over.
  virtual bool renameInRound(const Scope& scope, const RoundKey& round, std::string_view name) = 0;

  /// Removes a workflow with all its items, which nobody finds any more; those of a long one are
  /// swept later (see sweepRemoved). A full store can be emptied, too: what the index has of the
  /// words there stays in the file until it is opened the next time. False where the workflow is
  /// absent or out of scope.
  virtual bool remove(const Scope& scope, std::string_view id) = 0;

  /// The rounds that are running; and those of them that this store has begun.
  virtual std::vector<RoundKey> runningRounds(const Scope& scope) = 0;
  virtual std::vector<RoundKey> ownRounds(const Scope& scope) = 0;

  /// Takes over from stores that are gone: ends their rounds as failed with `items`, keeping the
  /// drafts that they have stored, and takes in the starts that wait there. Returns what was ended.
  /// To be called after open, and from time to time, as Engine does.
  virtual std::vector<RoundKey> endAbandoned(const Scope& scope,
                                             std::span<const ItemContent> items) = 0;

  /// Whether other stores have this database open, or have left it without a word: then what it
  /// holds may change without onChange being called.
  virtual bool hasOthers() = 0;

  /// Says that this store still runs its rounds. To be called several times within each
  /// StoreOptions::lease while it has some, or starts wait in it; it writes three times at most.
  virtual void renewLease() = 0;

  /// Brings in whole workflows as they are, ids, times and states included, in one transaction;
  /// their items get places from 1 on, all of the workflow's current round. The scope must allow
  /// each. For tools and migrations.
  struct Import {
    Workflow workflow;
    std::vector<ItemContent> items;
  };
  virtual void import(const Scope& scope, std::span<const Import> workflows) = 0;

  /// The access rules, if they have another version than the one given; 0: none were saved.
  virtual std::optional<StoredRules> rulesOtherThan(std::int64_t version) = 0;

  /// Replaces them, and returns the version that they get, one that none has had before.
  virtual std::int64_t saveRules(std::string_view json) = 0;
};

}  // namespace chatbot
