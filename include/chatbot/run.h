/// @file
/// Answering rounds: the turn that a round gives to its responder, and the queue that hosts pull
/// turns from.
///
/// A responder is what answers: a model server, a script, the host's own code. It is given a Turn,
/// appends to it and finishes it. A turn that is dropped unfinished ends its round as failed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/model.h"
#include "chatbot/store.h"

namespace chatbot {

namespace base {
class Scheduler;  // private to the library
}
namespace run {
class Rounds;  // private to the library
}

/// The prompt of a round, and where it belongs.
struct TurnInput {
  std::string workflowId;
  std::int64_t round = 0;       ///< its number in the workflow: 1, 2, 3 …
  std::string messageId;        ///< the id of the user's message
  std::int64_t messageSeq = 0;  ///< the place of that message in the workflow's log
  std::string userId;           ///< the user who asked
  std::string mandateId;        ///< the tenant of the workflow; may be empty
  std::string prompt;           ///< not blank
  std::string userLanguage;     ///< as the client says it, such as `en`
  std::vector<std::string> listFileId;
  std::vector<Document> documents{};  ///< of the user's message, one for each of listFileId
};

/// A round as its responder sees it.
///
/// Any thread, but one call at a time; cancelled() and the descriptor of cancelPollable() may be
/// used beside other calls. It moves and does not copy: a turn that was moved from may only be
/// assigned to and destroyed. It may outlive its engine.
///
/// Once the round is over (completed or failed by this turn, stopped, deleted, followed by another
/// one, or its engine shut down) append, delta, rename and the first finish return false and change
/// nothing; arguments that do not fit are refused before and after. The reading calls (input,
/// history, cancelled …) go on to work.
///
/// Calls that write throw Error (unavailable) when the store cannot take the change. It has then
/// changed nothing and the call may be made again, with the same result.
class Turn {
 public:
  Turn(Turn&&) noexcept;
  Turn& operator=(Turn&& other) noexcept;
  ~Turn();  ///< a turn that was not finished fails, as soon as the store takes it

  const TurnInput& input() const noexcept;

  /// The messages of the rounds before this one, oldest first, as chat items: each with its role,
  /// its documents and its round (Item::round, `roundNumber` in the JSON). Empty for a workflow
  /// that was deleted. With limits only the newest: older ones are not read. Throws Error
  /// (unavailable) as the store does.
  std::vector<Item> history(const MessageLimits& limits = {}) const;

  /// Adds to the text of the message that is being written (the draft), in UTF-8; a code point may
  /// be cut by the end of one call and go on in the next. Clients see it at once; it is stored
  /// within EngineOptions::draftInterval. False when the round is over.
  bool delta(std::string_view text);

  /// Appends one item, or several in one transaction: all or none. False when the round is over:
  /// then nothing was appended and the turn should be finished.
  ///
  /// After a delta, the first appended message of the role `assistant` without an id is what the
  /// draft has become: it is given the id that clients know, and the draft's text where it has
  /// none. A turn that ends before keeps the draft as a message of its own, which says that it was
  /// interrupted unless the round is completed.
  bool append(const ItemContent& item);
  bool append(std::span<const ItemContent> items);

  /// Gives the workflow another name. Throws Error (invalidArgument) for text that is no name (see
  /// kMaxNameLength).
  bool rename(std::string_view name);

  /// Ends the round as completed, or as failed: clients see `safeText` as a log of type `error`.
  /// False when the round was over already. After one of them has returned, a second finish throws
  /// Error (misuse); after one has thrown, it may be tried again.
  bool complete();
  bool fail(std::string_view safeText);

  /// Whether the round was stopped, deleted or followed by another one, or its engine shut down.
  bool cancelled() const noexcept;

  /// A descriptor that is readable once the turn is cancelled. Owned by the turn; poll it, never
  /// read or close it. Throws Error (unavailable) when the process has no descriptor left.
  int cancelPollable();

  /// Sets a function that is called once, from another thread, when the turn is cancelled later on;
  /// ask cancelled() afterwards for a cancel that came before. It must be short and must not use
  /// the turn. Null takes it back: afterwards it is not running and will not run, unless this is
  /// called from within it.
  void onCancel(std::function<void()> callback);

 private:
  friend class TurnQueue;
  friend class run::Rounds;

  struct Impl;
  explicit Turn(std::unique_ptr<Impl> impl);

  // Ends the round as failed, as soon as the store takes it; the turn is then as if moved from.
  void giveUp(const std::string& safeText) noexcept;

  std::unique_ptr<Impl> impl_;
};

/// The answering side of an engine. Its functions are called from any thread.
class Responder {
 public:
  virtual ~Responder() = default;

  /// Takes over a turn. Called on the thread that started the round, or on one of the engine's: it
  /// must not wait. An exception ends the round as failed.
  virtual void respond(Turn turn) = 0;

  /// Lets go of all turns and returns when none of its threads runs any more. Later turns are
  /// dropped.
  virtual void stop() noexcept = 0;
};

/// The responder that hosts pull turns from, with any number of takers. Any thread.
class TurnQueue final : public Responder {
 public:
  TurnQueue();  ///< turns wait for ever

  /// A turn that nobody takes within `turnTimeout` ends as failed, with a log that says so; 0:
  /// never. The queue has a thread for this, from the first turn on.
  TurnQueue(std::shared_ptr<Environment> environment, std::chrono::milliseconds turnTimeout);

  /// The same on a scheduler that the queue shares with its engine.
  TurnQueue(std::shared_ptr<Environment> environment, std::chrono::milliseconds turnTimeout,
            std::shared_ptr<base::Scheduler> scheduler);
  ~TurnQueue() override;

  void respond(Turn turn) override;
  void stop() noexcept override;

  /// The oldest waiting turn, waited for at most `timeout`. Nothing when none came, or after
  /// stop(). Turns that were cancelled while they waited are passed over.
  std::optional<Turn> take(Timeout timeout);

  bool stopped() const noexcept;

  /// A descriptor that is readable while a turn is waiting, and after stop(). Owned by the queue;
  /// any number of takers may poll it: one of them gets the turn. Throws Error (unavailable) when
  /// the process has no descriptor left.
  int pollable();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Streams the prompt back in pieces: a demonstration that needs no network.
std::shared_ptr<Responder> makeEchoResponder(std::shared_ptr<Environment> environment);

/// Does what the prompt's first line says, for tests and benchmarks:
///
///     #bench {"chunks": 20, "chunkBytes": 64, "delayMs": 0, "logs": 1, "fail": false}
///
/// gives, `startDelayMs` after its start, `logs` logs, `chunks` assistant messages of `chunkBytes`
/// bytes with status `step`, `delayMs` apart, one with status `last`, and one stat; `fail` ends the
/// round as an error after the chunks. `"deltas": N` and `"deltaText": "…"` write the last message
/// as N deltas of that text, `delayMs` apart too. An absent field has the value above, or 0. A
/// prompt without such a line counts as `#bench {}`; one that does not fit fails its round.
std::shared_ptr<Responder> makeScriptResponder(std::shared_ptr<Environment> environment);

}  // namespace chatbot
