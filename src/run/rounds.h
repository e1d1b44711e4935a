// The rounds that run in this engine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "base/text_hash.h"
#include "chatbot/log.h"
#include "chatbot/run.h"
#include "chatbot/stream.h"
#include "run/orphans.h"
#include "run/round_limits.h"
#include "store/engine_store.h"
#include "stream/hub.h"

namespace chatbot::run {

struct RoundOptions {
  RoundLimitOptions limits;
  std::chrono::milliseconds draftInterval{250};  // how long text that is written may be unsaved
};

struct ScopedRound {
  Scope scope;
  RoundKey key;
};

// Any thread.
class Rounds : public std::enable_shared_from_this<Rounds> {
 public:
  Rounds(std::shared_ptr<store::EngineStore> store, std::shared_ptr<stream::Hub> streams,
         std::shared_ptr<Environment> environment, LogFunction log, RoundOptions options);
  ~Rounds();
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // A place among the rounds that run or wait, taken before a round begins so that a refusal
  // changes nothing. It is given back when the round is over.
  class Place;
  using Slot = std::shared_ptr<const Place>;

  // Called, on any thread, when a place is free that none of those that wait gets. Must be short.
  // Set it before the first round.
  void onFree(std::function<void()> listener) { freed_ = std::move(listener); }

  // Throws Error (unavailable, with a retry time) when a limit is reached or after close().
  // `interrupts`: the workflow whose running round this one will stop; where that is the caller's
  // own, its place counts as free.
  Slot reserve(const Identity& caller, std::string_view interrupts = {});

  // Gives a round that has begun to the responder, at once or when its place among those that wait
  // has become one among those that run. `scope` is that of its workflow's mandate; without a slot
  // the round does not count.
  void run(Slot slot, Scope scope, TurnInput input, Responder& responder);

  // Tells the responder that the round, or an earlier one of its workflow, is over.
  void cancel(const RoundKey& round) noexcept;

  // Tells the responder of a round that another engine on the database has ended.
  void cancelEnded(std::string_view workflowId);

  // The same from what was found of a workflow, nothing where it is gone.
  void cancelEnded(std::string_view workflowId, const std::optional<Workflow>& found);

  // Whether the workflow has one.
  bool answers(std::string_view workflowId) const { return find(workflowId) != nullptr; }

  // The workflows that have one.
  std::vector<std::string> workflows() const;

  // Ends the rounds that engines on the database have left running that are gone, and orphans. One
  // thread at a time.
  void recover();

  // A round may have begun whose start could not be known to have been taken: nobody answers it.
  // For a while recover() ends such ones.
  void expectOrphans() noexcept;

  bool anyRunning() const;

  // Ends all rounds as interrupted and refuses new ones. To be called at last: rounds that wait
  // hold on to this.
  void close() noexcept;

  store::EngineStore& store() noexcept { return *store_; }
  Environment& environment() noexcept { return *environment_; }
  std::shared_ptr<stream::Feed> feed(std::string_view workflowId) {
    return streams_->feed(workflowId);
  }

  // Stores the round's draft within the interval.
  void saveSoon(const std::shared_ptr<Round>& round);

  // Ends a round as failed, again and again until the store takes it: nobody is left to tell.
  // `feed`, which may be null, is held until then, with the draft that the end keeps.
  void endLater(const ScopedRound& round, const std::string& safeText,
                const std::shared_ptr<stream::Feed>& feed) noexcept;

  void remove(const Round& round) noexcept;

 private:
  using Ticket = RoundLimits::Ticket;

  // A round that waits for a place.
  struct Parked {
    Turn turn;
    Responder* responder;
  };

  void add(const std::shared_ptr<Round>& round);
  void give(Turn turn, Ticket ticket, Responder& responder);
  bool park(Turn& turn, Ticket ticket, Responder& responder);
  std::optional<Parked> takeParked(Ticket ticket) noexcept;
  void giveParked(Ticket ticket) noexcept;
  std::optional<Ticket> admitAfter(Ticket left) noexcept;
  void leave(Ticket ticket) noexcept;
  bool isOver(const Round& round) noexcept;
  static bool isOver(const Round& round, const std::optional<Workflow>& found) noexcept;
  bool isAnswered(const RoundKey& key) const;
  void endOrphans();
  std::shared_ptr<Round> find(std::string_view workflowId) const;
  base::Timers& timer();
  void saveDrafts() noexcept;
  void saveAgain(const std::vector<std::weak_ptr<Round>>& unsaved) noexcept;
  bool tryToEnd(const ScopedRound& round, const std::string& safeText) noexcept;
  void say(LogLevel level, std::string_view message, const RoundKey& round) const;

  std::shared_ptr<store::EngineStore> store_;
  std::shared_ptr<stream::Hub> streams_;
  std::shared_ptr<Environment> environment_;
  LogFunction log_;
  const RoundOptions options_;
  std::function<void()> freed_;

  mutable std::mutex mutex_;
  base::TextMap<std::weak_ptr<Round>> running_;  // by workflow
  RoundLimits limits_;
  std::map<Ticket, Parked> parked_;
  Orphans orphans_;
  bool closed_ = false;
  std::vector<std::weak_ptr<Round>> unsaved_;  // whose drafts are to be saved
  std::unique_ptr<base::Timers> timer_;        // made when first needed
};

class Rounds::Place {
 public:
  explicit Place(std::shared_ptr<Rounds> rounds) : rounds_(std::move(rounds)) {}
  ~Place() { rounds_->leave(ticket); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Ticket ticket = RoundLimits::kNoTicket;

 private:
  const std::shared_ptr<Rounds> rounds_;
};

// The item that tells clients why a round has failed.
Log failureLog(std::string_view safeText);

}  // namespace chatbot::run
