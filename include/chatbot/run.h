// Running rounds: the turn that a round gives to its responder, and the queue that hosts pull from.
//
// A responder is whatever answers: a model server, a script, the host's own code. It is given a
// Turn, appends to it and finishes it. A turn that is dropped unfinished ends its round as failed.
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
  std::string messageId;        // of the user's message
  std::int64_t messageSeq = 0;  // and its place in the workflow's log
  std::string userId;
  std::string mandateId;
  std::string prompt;
  std::string userLanguage;
  std::vector<std::string> listFileId;
};

class Round;  // private to the room

// One at a time, but cancelled() and cancelPollable()'s descriptor from any thread. Moves, does not
// copy. May be used, finished and destroyed on any thread.
class Turn {
 public:
  explicit Turn(std::shared_ptr<Round> round);
  Turn(Turn&&) noexcept = default;
  Turn& operator=(Turn&& other) noexcept;
  ~Turn();

  const TurnInput& input() const noexcept;

  // The messages of the rounds before this one, oldest first, as chat items.
  std::vector<Item> history() const;

  // Adds to the text of the message that is being written, UTF-8; a code point may be cut by the
  // end of one call and go on in the next. Clients see it at once; it is stored soon after. False
  // when the round is over, as in append.
  bool delta(std::string_view text);

  // Appends one item, or several in one transaction. False when the round is over (stopped,
  // deleted, interrupted): then nothing was appended and the turn should be finished.
  //
  // After a delta, the first message of the role `assistant` without an id that is appended is what
  // the text has become: it is given the id that clients know, and the text where it has none. A
  // turn that ends before keeps the text as a message of its own, which says that it was
  // interrupted unless the round is completed.
  bool append(const ItemContent& item);
  bool append(std::span<const ItemContent> items);

  // Ends the round. False when it was over already. A second finish throws Error (misuse).
  bool complete();
  // `safeText` is shown to clients as a log of type `error`.
  bool fail(std::string_view safeText);

  bool cancelled() const noexcept;

  // A descriptor that is readable once the turn is cancelled. Owned by the turn; poll it, never
  // read or close it.
  int cancelPollable();

  // Called once, from another thread, when the turn is cancelled later on; for a cancel that came
  // before, ask cancelled() afterwards. It must be short and must not use the turn. Null takes it
  // back: afterwards it is not running and will not run.
  void onCancel(std::function<void()> callback);

 private:
  void drop() noexcept;
  std::shared_ptr<Round> round_;
};

class Responder {
 public:
  virtual ~Responder() = default;

  // Takes over a turn. Called on the thread that started the round: must not wait. What it throws
  // ends the round as failed.
  virtual void respond(Turn turn) = 0;

  // Lets go of all turns and returns when none of its threads runs any more. Later turns are
  // dropped.
  virtual void stop() noexcept = 0;
};

// The responder that hosts pull from, with any number of takers. Any thread.
class TurnQueue final : public Responder {
 public:
  TurnQueue();
  ~TurnQueue() override;

  void respond(Turn turn) override;
  void stop() noexcept override;

  // The oldest waiting turn, waited for at most `timeout`. Nothing when none came, or after stop().
  std::optional<Turn> take(Timeout timeout);

  bool stopped() const noexcept;

  // A descriptor that is readable while a turn is waiting, and after stop(). Owned by the queue.
  int pollable();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Streams the prompt back in pieces: a demonstration that needs no network.
std::shared_ptr<Responder> makeEchoResponder(std::shared_ptr<Environment> environment);

// Does what the prompt's first line says, for tests and benchmarks:
//   #bench {"chunks": 20, "chunkBytes": 64, "delayMs": 0, "startDelayMs": 0, "logs": 1, "fail":
//   false}
// gives `logs` logs, `chunks` assistant messages of `chunkBytes` bytes with status `step`,
// `delayMs` apart, one with status `last`, and one stat; `fail` ends the round as an error after
// the chunks. `"deltas": N` and `"deltaText": "…"` write the last message as N deltas of that text,
// `delayMs` apart too. A prompt without such a line counts as `#bench {}`; one that does not fit
// fails its round.
std::shared_ptr<Responder> makeScriptResponder(std::shared_ptr<Environment> environment);

}  // namespace chatbot
