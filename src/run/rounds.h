// The rounds of an engine: from a start that the store has taken to the responder, and their end.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/scheduler.h"
#include "chatbot/access.h"
#include "chatbot/log.h"
#include "chatbot/run.h"
#include "run/admission.h"
#include "run/recovery.h"
#include "run/round_registry.h"
#include "run/turn.h"
#include "stream/hub.h"

namespace chatbot::run {

struct RoundOptions {
  RoundLimitOptions limits;
  std::chrono::milliseconds draftInterval{250};  // how long text that is written may be unsaved
};

// The engine's, and the owner of the parts. Turns share some of these, and never hold this. Any
// thread; has no lock of its own.
class Rounds {
 public:
  struct Parts {
    std::shared_ptr<store::EngineStore> store;
    std::shared_ptr<stream::Hub> streams;
    std::shared_ptr<base::Scheduler> scheduler;
    std::shared_ptr<Environment> environment;
    LogFunction log;
  };
  Rounds(const Parts& parts, const RoundOptions& options);
  ~Rounds() { timers_->stop(); }
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  // Called, on any thread, when a slot is free that none of the waiting rounds gets. Must be short.
  // Set before the first round.
  void onFree(std::function<void()> listener) { admission_->onFree(std::move(listener)); }

  // A slot for a round that is about to begin. `interrupts` is the workflow whose running round it
  // will stop: where that is the caller's own, its slot counts as free. Throws Error (unavailable,
  // with a retry time) when a limit is reached or after close().
  RoundSlot reserve(const Identity& caller, std::string_view interrupts = {});

  // Gives a round that has begun since `start` to the responder, at once or when its slot is one of
  // those that run. `scope` is that of its workflow's mandate; without a slot the round does not
  // count.
  void run(const RoundRegistry::StartUnderWay& start, RoundSlot slot, Scope scope, TurnInput input,
           Responder& responder);

  // Cancels the workflow's round if it is over in the store, as after a change by a peer. With
  // `found` the store is asked only where what was found before says so: a round may have begun
  // since.
  void cancelEnded(std::string_view workflowId);
  void cancelEnded(std::string_view workflowId, const std::optional<Workflow>& found);

  RoundRegistry& registry() noexcept { return services_->registry; }
  Recovery& recovery() noexcept { return recovery_; }

  // Ends all rounds as interrupted and refuses new ones.
  void close() noexcept;

 private:
  bool isOver(const Round& round) const noexcept;

  // One part of the scheduler: it waits for the store, and for responders.
  const std::shared_ptr<base::Timers> timers_;
  const std::shared_ptr<TurnServices> services_;
  const std::shared_ptr<Admission> admission_;
  Recovery recovery_;
};

}  // namespace chatbot::run
