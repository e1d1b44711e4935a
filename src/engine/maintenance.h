// The work that an engine does again and again: heartbeats, recovery, starts that wait, rules of
// peers, and the store's index and sweeps.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "chatbot/environment.h"
#include "engine/peer_watch.h"
#include "engine/shared_rules.h"
#include "engine/starter.h"
#include "run/rounds.h"
#include "store/engine_store.h"

namespace chatbot::engine {

// One pass at a time, on the thread of its caller; only stop() may be called beside it.
class Maintenance {
 public:
  struct Parts {
    std::shared_ptr<store::EngineStore> store;
    std::shared_ptr<stream::Hub> streams;
    std::shared_ptr<run::Rounds> rounds;
    std::shared_ptr<Starter> starter;
    std::shared_ptr<SharedRules> rules;
    std::shared_ptr<PeerWatch> peers;
    std::shared_ptr<Environment> environment;
  };
  // `lease` as in StoreOptions.
  Maintenance(Parts parts, std::chrono::milliseconds lease)
      : parts_(std::move(parts)), lease_(lease) {}

  // Reclaims what dead instances have left. Throws Error as the store does.
  void recover();

  // All of it. What fails is left to the next pass: the callers that write are told what is wrong
  // with the store.
  void pass() noexcept;

  // Ends the pass that runs after its present portion.
  void stop() noexcept { stopped_ = true; }

 private:
  void keepAlive();
  bool doPortion();

  const Parts parts_;
  const std::chrono::milliseconds lease_;
  Instant nextRecovery_;  // of the thread in pass()
  std::atomic<bool> stopped_ = false;
};

}  // namespace chatbot::engine
