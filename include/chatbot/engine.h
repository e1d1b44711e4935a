/// @file
/// The use cases: what a caller may do with its conversations. Access is checked here.
///
/// All functions may be called from any thread. Each throws Error as CONTRACT of the endpoints says
/// (see chatbot/http.h for the status codes); a call that throws has changed nothing, but for a
/// database server that is lost at the moment of a commit (see chatbot/store.h).
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

struct EngineOptions {
  StoreOptions store;
  StreamOptions streams;

  /// What a start does to a workflow whose round is still running, unless it says so itself.
  OnBusy onBusy = OnBusy::reject;
  std::size_t maxQueued = 8;  ///< starts that may wait for one workflow

  /// How long a start is remembered by its idempotency key.
  std::chrono::seconds idempotencyLife = std::chrono::hours(24);

  /// Rounds running at once: in all, for a mandate, and for a user of a mandate. What a start
  /// beyond does: it is refused (unavailable); or its round begins and waits for a place among the
  /// running ones, with maxWaitingRounds others at most, before it is given to the responder.
  enum class OnLimit { reject, queue };
  OnLimit onLimit = OnLimit::reject;
  std::size_t maxRounds = 10'000;
  std::size_t maxRoundsPerMandate = 10'000;
  std::size_t maxRoundsPerUser = 1'000;
  std::size_t maxWaitingRounds = 1'000;

  /// How long text that is being written (Turn::delta) may be unsaved.
  std::chrono::milliseconds draftInterval{250};

  /// The access rules. They are kept in the database, and shared by the engines on it: given ones
  /// replace those; without, those hold, or RuleSet::standard() where there are none.
  std::optional<RuleSet> rules;

  /// Where no responder is given: how long a turn may wait to be taken; 0: for ever.
  std::chrono::milliseconds turnTimeout{60'000};

  std::shared_ptr<Responder> responder;      ///< a TurnQueue where null
  std::shared_ptr<Environment> environment;  ///< systemEnvironment() where null
  LogFunction log;
};

/// Whether a stream shows the text of the message that is being written.
enum class Deltas { left, shown };

struct StartOptions {
  std::optional<std::string> workflowId = {};  ///< to go on with; it wins over the input's
  Deltas deltas = Deltas::left;
  std::optional<OnBusy> onBusy = {};

  /// 1 to 255 printable ASCII characters. The same key with the same input from the same user of a
  /// mandate joins the round that it has started; with another input it is refused (invalidBody).
  std::optional<std::string> idempotencyKey = {};
};

/// {"workflowId", "onBusy": "reject" | "interrupt" | "enqueue", "idempotencyKey"}, each of which
/// may be null or left out; empty text is {}. Throws Error (invalidArgument) naming what does not
/// fit.
StartOptions parseStartOptions(std::string_view json);

struct StartedRound {
  Workflow workflow;               ///< a start that waits for the running round: as it is before
  std::int64_t round = 0;          ///< of this start
  std::unique_ptr<Stream> stream;  ///< of the round's items, from its first on
};

struct JoinedStream {
  std::unique_ptr<Stream> stream;  ///< null: the caller has everything and nothing more will come
};

class Engine {
 public:
  /// Opens the store, ends the rounds that a dead process left running, and starts the library's
  /// threads. Throws as Store::open does.
  static std::shared_ptr<Engine> open(EngineOptions options);
  ~Engine();  ///< shuts down

  /// Starts a workflow, or the next round of one.
  StartedRound start(const Identity& caller, const UserInput& input, const StartOptions& how = {});

  /// Stops the running round, and no later one. A workflow that is not running is answered as it
  /// is. Starts that wait go on: the first of them begins.
  Workflow stop(const Identity& caller, std::string_view workflowId);

  /// Deletes a workflow and all that belongs to it; a running round is cancelled first.
  void remove(const Identity& caller, std::string_view workflowId);

  Workflow rename(const Identity& caller, std::string_view workflowId, std::string_view name);

  /// A page of the caller's chatbot workflows, or all of them.
  WorkflowPage list(const Identity& caller, const PageQuery& query);
  std::vector<Workflow> listAll(const Identity& caller);

  /// A workflow with all its items, of one moment.
  Tail detail(const Identity& caller, std::string_view workflowId);

  /// Joins a workflow's stream: all items, or what follows the place `last` (from an earlier
  /// stream). A place that does not exist yet is refused (conflict).
  JoinedStream join(const Identity& caller, std::string_view workflowId,
                    std::optional<Position> last = {}, Deltas deltas = Deltas::left);

  /// Replaces the access rules, for calls and open streams alike, before it returns, and within a
  /// second in the other engines on the database. Throws Error (unavailable) where they cannot be
  /// stored; they have then not changed.
  void setRules(RuleSet rules);
  std::shared_ptr<const RuleSet> rules() const;

  /// The queue that turns are pulled from; null where another responder answers.
  TurnQueue* turns() noexcept;

  /// Ends all streams and rounds and waits until the responder has let go. Later calls throw Error
  /// (unavailable). May be repeated; beside a first call that still works, a second returns at
  /// once.
  void shutdown() noexcept;

  Environment& environment() noexcept;
  const LogFunction& log() const noexcept;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatbot
