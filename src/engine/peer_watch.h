// Watching peers, the other engines on the database: their changes are shown to the streams here,
// cancel the rounds here that they have ended, and let starts begin that wait here.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "engine/starter.h"
#include "run/rounds.h"
#include "store/engine_store.h"
#include "stream/hub.h"

namespace chatbot::engine {

// Any thread.
class PeerWatch {
 public:
  struct Parts {
    std::shared_ptr<store::EngineStore> store;
    std::shared_ptr<stream::Hub> streams;
    std::shared_ptr<run::Rounds> rounds;
    std::shared_ptr<Starter> starter;
    std::function<void()> wakeMaintenance;  // which begins the starts that wait
  };
  explicit PeerWatch(Parts parts) : parts_(std::move(parts)) {}

  bool mayHavePeers() const { return parts_.store->isShared() || parts_.store->hasPeers(); }

  // A peer has changed the workflow; with an empty id, some workflow, unheard. Called on the
  // store's thread for peers' changes, and by the opener of a stream. Faults are passed over:
  // lookAtAll() looks again.
  void onPeerChange(std::string_view workflowId) noexcept;

  // Looks at all workflows that run or are streamed here, if there may be peers: for changes that
  // were not announced. Called by Maintenance, one call at a time.
  void lookAtAll();

 private:
  void look(std::string_view workflowId);
  void lookAtEach();
  void show(std::string_view workflowId);
  bool isOver(std::string_view workflowId) const;

  const Parts parts_;
  // Each guards a share of the workflows from the read of a snapshot until it is published, so that
  // an older snapshot is not shown behind a newer one.
  std::array<std::mutex, 64> showing_;
};

}  // namespace chatbot::engine
