/// @file
/// The use cases: what a caller may do with its conversations. Access is checked here.
///
/// All functions may be called from any thread. They throw Error as docs/contract.md says of the
/// endpoints (chatbot/http.h has the status codes). A call that throws has changed nothing, except
/// with ErrorCode::outcomeUnknown (see chatbot/store.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chatbot/access.h"
#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/model.h"
#include "chatbot/run.h"
#include "chatbot/store.h"
#include "chatbot/stream.h"

namespace chatbot {

/// Copyable: the same options may open several engines, each with a responder of its own.
struct EngineOptions {
  StoreOptions store;
  StreamOptions streams;

  /// The effect of a start on a workflow whose round is still running, unless the start says it.
  OnBusy onBusy = OnBusy::reject;
  std::size_t maxQueued = 8;  ///< starts that may wait for one workflow

  /// How long a start is remembered by its idempotency key.
  std::chrono::seconds idempotencyLife = std::chrono::hours(24);

  /// The effect of a start beyond the limits on running rounds: it is refused (unavailable); or its
  /// round begins, and its turn waits for a slot, with maxWaitingRounds others at most.
  enum class OnLimit { reject, queue };
  OnLimit onLimit = OnLimit::reject;

  /// Limits on running rounds: of the engine, of a mandate, and of a user of a mandate.
  std::size_t maxRounds = 10'000;
  std::size_t maxRoundsPerMandate = 10'000;
  std::size_t maxRoundsPerUser = 1'000;
  std::size_t maxWaitingRounds = 1'000;  ///< with OnLimit::queue

  /// How long text that is being written (Turn::delta) may be unsaved.
  std::chrono::milliseconds draftInterval{250};

  /// The access rules. They are kept in the database and shared by the engines on it: given rules
  /// replace the database's; without any, those hold, or RuleSet::standard() where there are none.
  std::optional<RuleSet> rules;

  /// How long a turn of the engine's own TurnQueue may wait to be taken; 0: for ever.
  std::chrono::milliseconds turnTimeout{60'000};

  std::shared_ptr<Responder> responder;      ///< a TurnQueue where null
  std::shared_ptr<Environment> environment;  ///< systemEnvironment() where null
  LogFunction log;                           ///< may be empty
};

/// The options by name, for hosts that are given them as text (a file, a command line, the C API):
/// docs/options.md lists the names, the values that each takes, and the defaults.
///
/// Sets one. False where there is no option of this name; throws Error (invalidArgument) naming the
/// values that it takes for a text that does not fit. Nothing is changed then.
bool setOption(EngineOptions& options, std::string_view name, std::string_view text);

/// Throws Error (invalidArgument) naming the first option whose member has a value that setOption
/// would refuse. Engine::open does this first.
void validate(const EngineOptions& options);

/// [{"name", "type", "default", "description"}, …]: all of them, with the values in `options` as
/// defaults; null for a value that must be set.
std::string optionsJson(const EngineOptions& options);

/// Whether a stream shows the text of the message that is being written.
enum class Deltas { hidden, shown };

/// How a start is done, beside what is asked.
struct StartOptions {
  std::optional<std::string> workflowId = {};  ///< the workflow to go on with, before the input's
  Deltas deltas = Deltas::hidden;
  std::optional<OnBusy> onBusy = {};  ///< else EngineOptions::onBusy

  /// 1 to 255 printable ASCII characters. The same key with the same input from the same user of a
  /// mandate joins the round that it has started; with another input it is refused (invalidBody).
  std::optional<std::string> idempotencyKey = {};

  /// A position that a client of an earlier start with this key has read up to: the stream goes on
  /// behind it, or begins with the round where it lies before that. A start that repeats none is
  /// refused (conflict) and begins nothing, and so is a position that does not exist yet.
  std::optional<Position> after = {};
};

/// {"workflowId", "onBusy": "reject" | "interrupt" | "enqueue", "idempotencyKey", "lastEventId"},
/// each of which may be null or absent; empty text is {}. Throws Error (invalidArgument) naming the
/// member that does not fit.
StartOptions parseStartOptions(std::string_view json);

/// A start that was taken.
struct StartedRound {
  Workflow workflow;               ///< where the start waits for the running round: as it is before
  std::int64_t round = 0;          ///< of this start
  std::unique_ptr<Stream> stream;  ///< of the round's items, from its first on
};

struct JoinedStream {
  std::unique_ptr<Stream> stream;  ///< null: the caller has everything and nothing more will come
};

/// An open store, with the rounds that run and the streams that are open on it. Turns and streams
/// may outlive it; they are then over.
class Engine {
 public:
  /// Opens the store, ends the rounds that dead instances have left running, and starts the
  /// engine's threads. Throws as Store::open does.
  static std::shared_ptr<Engine> open(EngineOptions options);
  ~Engine();  ///< shuts down

  /// Starts a workflow, or the next round of one, and gives its turn to the responder. Throws
  /// Error: invalidArgument for a blank prompt, busy where the workflow's round is still running,
  /// unavailable beyond a limit on rounds or streams.
  StartedRound start(const Identity& caller, const CheckedInput& input,
                     const StartOptions& how = {});

  /// Stops the running round, and no later one. A workflow that is not running is answered as it
  /// is. Starts that wait go on: the first of them begins.
  Workflow stop(const Identity& caller, std::string_view workflowId);

  /// Deletes a workflow and all that belongs to it; a running round is cancelled.
  void remove(const Identity& caller, std::string_view workflowId);

  /// Renames a workflow and returns it as it is then. Throws Error (invalidArgument) for text that
  /// is no name (see kMaxNameLength).
  Workflow rename(const Identity& caller, std::string_view workflowId, std::string_view name);

  /// A page of the chatbot workflows that the caller may read, or all of them.
  WorkflowPage list(const Identity& caller, const PageQuery& query);
  std::vector<Workflow> listAll(const Identity& caller);

  /// A workflow with all its items, of one moment.
  Tail detail(const Identity& caller, std::string_view workflowId);

  /// Joins a workflow's stream: all items, or those that follow the position `last` (from an
  /// earlier stream). A position that does not exist yet is refused (conflict).
  JoinedStream join(const Identity& caller, std::string_view workflowId,
                    std::optional<Position> last = {}, Deltas deltas = Deltas::hidden);

  /// Replaces the access rules, for calls and open streams alike, before it returns, and within a
  /// second in the other engines on the database. Throws Error (unavailable) where they cannot be
  /// stored; they have then not changed.
  void setRules(RuleSet rules);

  /// The rules in force.
  RuleSet rules() const;

  /// The queue that turns are pulled from; null where another responder answers.
  TurnQueue* turns() noexcept;

  /// Ends all streams and rounds and waits until the responder has let go. Later calls throw Error
  /// (unavailable). May be repeated; beside a first call that still works, a second returns at
  /// once.
  void shutdown() noexcept;

  /// As the options gave them.
  Environment& environment() noexcept;
  const LogFunction& log() const noexcept;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatbot
