/// @file
/// Running rounds: the turn that a round gives to its responder, and the queue that hosts pull
/// from.
///
/// A responder is whatever answers: a model server, a script, the host's own code. It is given a
/// Turn, appends to it and finishes it. A turn that is dropped unfinished ends its round as failed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/model.h"
#include "chatbot/store.h"

namespace chatbot {

struct TurnInput {
  std::string workflowId;
  std::int64_t round = 0;
  std::string messageId;        ///< of the user's message
  std::int64_t messageSeq = 0;  ///< and its place in the workflow's log
  std::string userId;
  std::string mandateId;
  std::string prompt;
  std::string userLanguage;
  std::vector<std::string> listFileId;
  std::vector<Document> documents{};  ///< of the user's message: what listFileId names
};

namespace run {
class Round;  ///< private to the room
}

/// One at a time, but cancelled() and cancelPollable()'s descriptor from any thread. Moves, does
/// not copy: what was moved from may only be assigned to and destroyed. May be used, finished and
/// destroyed on any thread.
///
/// Once the round is over (completed or failed by this turn, stopped, deleted, followed by another
/// one, or its engine shut down) append, delta, rename and the first finish return false and change
/// nothing; arguments that do not fit are refused before and after. What reads (input, history,
/// cancelled …) goes on to work.
class Turn {
 public:
  explicit Turn(std::shared_ptr<run::Round> round);
  Turn(Turn&&) noexcept = default;
  Turn& operator=(Turn&& other) noexcept;
  ~Turn();

  const TurnInput& input() const noexcept;

  /// The messages of the rounds before this one, oldest first, as chat items: each with its role,
  /// its documents and its round (Item::round, `roundNumber` in the JSON). Empty for a workflow
  /// that was deleted. With limits only the newest: what they leave out is not read. Throws Error
  /// (unavailable) as the store does.
  std::vector<Item> history(const MessageLimits& limits = {}) const;

  /// Adds to the text of the message that is being written, UTF-8; a code point may be cut by the
  /// end of one call and go on in the next. Clients see it at once; it is stored soon after. False
  /// when the round is over, as in append.
  bool delta(std::string_view text);

  /// Appends one item, or several in one transaction: all or none. False when the round is over:
  /// then nothing was appended and the turn should be finished.
  ///
  /// After a delta, the first message of the role `assistant` without an id that is appended is
  /// what the text has become: it is given the id that clients know, and the text where it has
  /// none. A turn that ends before keeps the text as a message of its own, which says that it was
  /// interrupted unless the round is completed.
  bool append(const ItemContent& item);
  bool append(std::span<const ItemContent> items);

  /// Gives the workflow another name. Throws Error (invalidArgument) for one that is no name (see
  /// kMaxNameLength).
  bool rename(std::string_view name);

  /// Ends the round. False when it was over already. After one of them has returned, a second
  /// finish throws Error (misuse).
  bool complete();
  /// `safeText` is shown to clients as a log of type `error`.
  bool fail(std::string_view safeText);

  bool cancelled() const noexcept;

  /// A descriptor that is readable once the turn is cancelled. Owned by the turn; poll it, never
  /// read or close it.
  int cancelPollable();

  /// Called once, from another thread, when the turn is cancelled later on; for a cancel that came
  /// before, ask cancelled() afterwards. It must be short and must not use the turn. Null takes it
  /// back: afterwards it is not running and will not run.
  void onCancel(std::function<void()> callback);

 private:
  friend class TurnQueue;

  // Ends the round as failed, as soon as the store takes it.
  void giveUp(const std::string& safeText) noexcept;
  void drop() noexcept;
  std::shared_ptr<run::Round> round_;
};

class Responder {
 public:
  virtual ~Responder() = default;

  /// Takes over a turn. Called on the thread that started the round: must not wait. What it throws
  /// ends the round as failed.
  virtual void respond(Turn turn) = 0;

  /// Lets go of all turns and returns when none of its threads runs any more. Later turns are
  /// dropped.
  virtual void stop() noexcept = 0;
};

/// The responder that hosts pull from, with any number of takers. Any thread.
class TurnQueue final : public Responder {
 public:
  TurnQueue();  ///< turns wait for ever

  /// A turn that nobody takes within `turnTimeout` ends as failed, with a log that says so; 0:
  /// never.
  TurnQueue(std::shared_ptr<Environment> environment, std::chrono::milliseconds turnTimeout);
  ~TurnQueue() override;

  void respond(Turn turn) override;
  void stop() noexcept override;

  /// The oldest waiting turn, waited for at most `timeout`. Nothing when none came, or after
  /// stop(). Turns that were cancelled while they waited are passed over.
  std::optional<Turn> take(Timeout timeout);

  bool stopped() const noexcept;

  /// A descriptor that is readable while a turn is waiting, and after stop(). Owned by the queue;
  /// any number of takers may poll it: one of them gets the turn.
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
/// as N deltas of that text, `delayMs` apart too. What is left out is as above, or 0. A prompt
/// without such a line counts as `#bench {}`; one that does not fit fails its round.
std::shared_ptr<Responder> makeScriptResponder(std::shared_ptr<Environment> environment);

}  // namespace chatbot
