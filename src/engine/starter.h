// Starting rounds: at once, behind the running one, or joining the round that a key has started.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "chatbot/engine.h"
#include "engine/workflow_access.h"
#include "run/rounds.h"
#include "store/engine_store.h"

namespace chatbot::engine {

// A caller's start as the store takes it. Throws Error (invalidArgument) for an idempotency key
// that is none.
StartRequest startRequest(const Identity& caller, const CheckedInput& input,
                          const StartOptions& how, const EngineOptions& options);

// Throws Error unless the start has begun, waits, or has joined an earlier one.
void checkTaken(const Start& start, std::string_view workflowId);

// Any thread.
class Starter {
 public:
  struct Parts {
    std::shared_ptr<store::EngineStore> store;
    std::shared_ptr<run::Rounds> rounds;
    std::shared_ptr<Responder> responder;
    const WorkflowAccess& access;
    const StreamOpener& streams;
  };
  explicit Starter(Parts parts) : parts_(std::move(parts)) {}

  // Throws Error for a start that is not taken. `after` as in StartOptions.
  StartedRound start(const StartRequest& request, Deltas deltas,
                     const std::optional<Position>& after);

  // Begins the waiting starts whose workflow is free; the others are left for the next call. Reads
  // nothing while mayHaveQueued() is false. Called by Maintenance only.
  void beginQueued() noexcept;

  // Has the next beginQueued() look: a start waits, or was reclaimed from a dead instance.
  void lookForQueued() noexcept { ++asked_; }
  bool mayHaveQueued() const noexcept { return asked_ != answered_; }

 private:
  Start startInStore(const Scope& allowed, const StartRequest& request) const;
  Scope scopeOf(const StartRequest& request) const;
  run::RoundSlot reserveRound(const StartRequest& request) const;
  run::RoundSlot reserveReady(const store::ReadyStart& ready) const;  // none at a limit
  StartedRound take(const StartRequest& request, Deltas deltas, StreamHub::Slot streamSlot);
  StartedRound rejoin(const Identity& caller, const Start& earlier, Deltas deltas,
                      const std::optional<Position>& after, StreamHub::Slot streamSlot) const;
  void run(const run::RoundRegistry::StartUnderWay& underWay, run::RoundSlot slot,
           const StartRequest& request, const Start& start);
  void beginReady();

  const Parts parts_;
  // Counters, so that a request during a look is not taken for answered by that look.
  std::atomic<std::uint64_t> asked_ = 0;     // requests to look
  std::atomic<std::uint64_t> answered_ = 0;  // those up to which a look has found that none waits
};

}  // namespace chatbot::engine
