/// @file
/// The workflow store: workflows and their append-only logs of chat items, on SQLite or PostgreSQL.
///
/// Each item has a place (`seq`: 1, 2, 3 … per workflow, never reset) and is written in one
/// transaction with the workflow row that it changes. Waiting writers share one transaction (group
/// commit); reads run on a pool of read-only connections beside them.
///
/// Threads: any thread may call any function. A call blocks for its own work only. The store has no
/// thread of its own that keeps it in order: a host that uses it without an Engine calls maintain()
/// from time to time.
///
/// Tenants: a function that touches tenants' rows takes the Scope of its caller, and rows outside
/// that scope do not exist for the call. A host's own work uses Scope::system().
///
/// Errors: each function throws Error (unavailable) when the database is full or cannot be reached;
/// it has then changed nothing. Where a server is lost between a commit and its answer and does not
/// come back within seconds to be asked, it throws Error (outcomeUnknown): the change may be there
/// or not, so the caller must not simply make it again.
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

/// The running round that an append belongs to. A round that was stopped, has ended or was followed
/// by another one takes nothing more.
struct RoundKey {
  std::string workflowId;
  std::int64_t round = 0;
};

/// A committed change of a workflow. It is a hint to look: the items are there to spare the look.
/// The texts and items belong to the caller of the listener and live until it returns.
struct Change {
  std::string_view workflowId;
  std::int64_t lastSeq = 0;  ///< the place of the newest item
  std::int64_t round = 0;    ///< the newest one
  WorkflowStatus status = WorkflowStatus::running;
  bool finishesDraft = false;  ///< one of the items is the message that the draft has become
  bool removed = false;        ///< the workflow is gone; the other fields are not set
  std::span<const std::shared_ptr<const Item>> items{};  ///< the newest ones, if they are at hand
};

/// The log of one workflow from a place on, as of one moment.
struct Tail {
  Workflow workflow;
  std::vector<Item> items;  ///< in order; fewer than the log has where a limit was reached
};

/// One page of a list of workflows.
struct WorkflowPage {
  std::vector<Workflow> items;
  std::int64_t page = 1;        ///< its number; by cursor: the pages before it, and one
  std::int64_t totalItems = 0;  ///< on all pages, as of the same moment
  std::string nextCursor;       ///< of the page that follows; empty where none does
};

/// The page's metadata, as paginationJson makes it.
std::string pageJson(const PageQuery& query, const WorkflowPage& page);

/// The outcome of a stop.
enum class ChangeResult {
  done,
  notFound,  ///< the workflow is absent or out of scope
  conflict,  ///< the round is not running
};

struct WorkflowChange {
  ChangeResult result = ChangeResult::notFound;
  Workflow workflow;  ///< as it is afterwards; not set for notFound
};

/// How a start treats a workflow whose round is still running.
enum class OnBusy {
  reject,     ///< the start is refused and changes nothing
  interrupt,  ///< the running round is stopped; behind starts that wait already, this one waits too
  enqueue,    ///< the start waits for the end of the round, behind those that wait already
};

/// The value of that name; nothing for any other text.
std::optional<OnBusy> onBusyFromText(std::string_view text) noexcept;

/// Makes a start that is sent twice the same start. A key belongs to its caller: the same text from
/// another user, or from the user of another mandate, is another key.
struct StartKey {
  std::string key;
  std::string fingerprint;  ///< of the request: the same key with another one is refused
  std::chrono::seconds life = std::chrono::hours(24);  ///< how long the store keeps the key
};

/// A caller's request for a round, which begins with one item: the user's message that `input`
/// makes, or `first`.
struct StartRequest {
  Identity caller{};         ///< the owner of a new workflow
  std::string workflowId{};  ///< the workflow to go on with; empty: a new one

  /// The name and the mode of a new workflow. The store sets its id, owner, times, round, status
  /// and places.
  std::string name{};
  std::string workflowMode{kChatbotMode};

  UserInput input{};                   ///< its workflowId is not looked at
  std::optional<ItemContent> first{};  ///< not for a start that waits

  OnBusy onBusy = OnBusy::reject;
  /// The starts that may wait for one workflow. Leave it 0 without an Engine: only an Engine begins
  /// them.
  std::int64_t maxQueued = 0;
  std::optional<StartKey> key{};
};

enum class StartResult {
  begun,
  queued,        ///< it waits for the rounds before it
  repeated,      ///< the key has started a round before: that one is answered
  notFound,      ///< the workflow is absent or out of scope
  busy,          ///< a round is running, or other starts wait for one
  full,          ///< as many starts wait as may
  otherRequest,  ///< the key has started something else
};

/// The outcome of a start.
struct Start {
  StartResult result = StartResult::notFound;
  Workflow workflow;  ///< as it is afterwards; of `repeated`, the id alone
  std::int64_t round = 0;
  std::int64_t afterSeq = 0;              ///< all items of the round have later places
  std::optional<WorkflowStatus> ended{};  ///< how the round ended, where a later one has begun
  ItemContent first{};                    ///< the first item as it was stored, where begun
  std::int64_t interrupted = 0;           ///< the round that was stopped for it; 0: none
};

/// A number of messages at most, whose chat items are not longer than `bytes` together.
struct MessageLimits {
  std::size_t items = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

/// An item that comes with its workflow.
struct ImportedItem {
  ItemContent content;
  std::optional<double> createdAt{};    ///< absent: the workflow's
  std::optional<std::int64_t> round{};  ///< absent: the workflow's current one
};

/// A workflow as Store::import takes it. Its lastSeq is not looked at.
struct Import {
  Workflow workflow;
  std::vector<ImportedItem> items;
};

/// An open database. The store is an instance among those that may have the database open: the
/// rounds that it begins are its own until they end, or until it is silent for longer than
/// StoreOptions::lease.
class Store {
 public:
  /// Opens the database and brings its schema up to date. Throws Error (unavailable) for a file
  /// that cannot be opened, (unsupported) for one that a newer version of the library has written,
  /// (invalidArgument) for options out of their bounds. `log` is called on any thread.
  static std::shared_ptr<Store> open(const StoreOptions& options,
                                     std::shared_ptr<Environment> environment,
                                     LogFunction log = {});

  virtual ~Store() = default;

  /// Sets the listener, before the first write. It is called after each commit of this store, once
  /// for each changed workflow, in the order of the commits and before the writing call returns, on
  /// a thread that writes. It must be short, must not throw and must not call the store.
  virtual void onChange(std::function<void(const Change&)> listener) = 0;

  /// The workflow; nothing where it is absent or out of scope.
  virtual std::optional<Workflow> find(const Scope& scope, std::string_view id) = 0;

  /// A page of the workflows of `mode`; newest activity first where the query has no sort. Cursors
  /// are tied to the scope's user and mandate, the mode, sort and filters, and good for 24 hours on
  /// every store of this database; another one is refused (invalidArgument). A page by cursor costs
  /// the same however deep it is; one by number, what it skips from the nearer end. The total is
  /// counted once for each list and then follows from the changes.
  virtual WorkflowPage list(const Scope& scope, std::string_view mode, const PageQuery& query) = 0;

  /// All workflows of `mode` that fit the query; its page and cursor are not looked at.
  virtual std::vector<Workflow> listAll(const Scope& scope, std::string_view mode,
                                        const PageQuery& query) = 0;

  /// Items after the place `afterSeq`: at most `limit`, and no more once their text has reached
  /// `maxBytes` (at least one). Workflow and items are of one moment; nothing where the workflow is
  /// absent or out of scope.
  virtual std::optional<Tail> tail(const Scope& scope, std::string_view id, std::int64_t afterSeq,
                                   std::size_t limit, std::size_t maxBytes) = 0;

  /// The newest messages of rounds before `round` within the limits, oldest first, as chat items.
  virtual std::vector<Item> messagesBefore(const Scope& scope, std::string_view id,
                                           std::int64_t round,
                                           const MessageLimits& limits = {}) = 0;

  /// Begins a round, of a new workflow or of one that is not running, or has the start wait; keeps
  /// its key. All in one transaction. Throws Error (forbidden) where the scope does not allow a new
  /// workflow of this caller.
  virtual Start start(const Scope& scope, const StartRequest& request) = 0;

  /// Appends to a running round, all of `items` in one transaction. Returns the place of the last
  /// one, or nothing where the round is over: then nothing was appended.
  virtual std::optional<std::int64_t> append(const Scope& scope, const RoundKey& round,
                                             std::span<const ItemContent> items) = 0;

  /// Appends `items` and ends the round with `status`. A draft that is still open becomes a message
  /// before them: a finished one where the round is completed, else one that says that it was
  /// interrupted. False where the round is over already.
  virtual bool endRound(const Scope& scope, const RoundKey& round, WorkflowStatus status,
                        std::span<const ItemContent> items) = 0;

  /// Ends a round as stopped; an open draft is kept as in endRound. `conflict` where it is not
  /// running: a later round of the workflow is not touched.
  virtual WorkflowChange stop(const Scope& scope, const RoundKey& round) = 0;

  /// Renames the workflow and returns it as it is then. lastActivity stays.
  virtual std::optional<Workflow> rename(const Scope& scope, std::string_view id,
                                         std::string_view name) = 0;

  /// Removes a workflow with all its items: no call finds them any more, and maintain() deletes
  /// those of a long one later. A full store can be emptied, too: the words that its index has of
  /// them stay in the file until it is opened the next time. False where the workflow is absent or
  /// out of scope.
  virtual bool remove(const Scope& scope, std::string_view id) = 0;

  /// Brings in whole workflows as they are, ids, times and states included, in one transaction;
  /// their items get places from 1 on. Throws Error (invalidArgument) for an id that is no UUID,
  /// (forbidden) where the scope does not allow one of them; then none is brought in. For tools and
  /// migrations.
  virtual void import(const Scope& scope, std::span<const Import> workflows) = 0;

  /// The rounds that are running, of all instances on the database.
  virtual std::vector<RoundKey> runningRounds(const Scope& scope) = 0;

  /// Does one portion of what an open store needs from time to time, for all tenants:
  /// - says that this instance lives, while it runs rounds or the database may be shared;
  /// - ends the rounds that dead instances have left running, as failed (`error`);
  /// - brings up to `limit` messages into the full-text index that searches in messages look into,
  ///   the newest first, the first 256 KiB of each;
  /// - deletes up to `limit` items of removed workflows, and up to `limit` start keys whose life is
  ///   over.
  /// Returns whether there may be more to do: call it again then. A host without an Engine calls it
  /// after open and at least eight times within StoreOptions::lease; an Engine does all of it by
  /// itself. Writers wait while a portion is written, so that `limit` should be about 64.
  virtual bool maintain(std::size_t limit) = 0;
};

}  // namespace chatbot
