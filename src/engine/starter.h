// Starting rounds: at once, behind the one that is running, or a second time for one key.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "chatbot/engine.h"
#include "engine/workflow_access.h"
#include "run/rounds.h"
#include "store/engine_store.h"
#include "stream/hub.h"

namespace chatbot::engine {

// Opens a caller's stream of a workflow that it may read.
class StreamOpener {
 public:
  StreamOpener(std::shared_ptr<stream::Hub> streams, std::shared_ptr<SharedRules> rules)
      : streams_(std::move(streams)), rules_(std::move(rules)) {}

  StreamHub::Slot reserve(const Identity& caller) const { return streams_->reserve(caller); }

  std::unique_ptr<Stream> open(const Identity& caller, StreamHub::Slot slot,
                               const Workflow& workflow, StreamStart start) const;

 private:
  const std::shared_ptr<stream::Hub> streams_;
  const std::shared_ptr<SharedRules> rules_;
};

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

  StartedRound start(const StartRequest& request, Deltas deltas);

  // Begins the starts whose turn has come; what cannot begin yet is left for the next call. Quick
  // where none waits.
  void beginQueued() noexcept;

  // Starts that wait may have been taken over: beginQueued() is to look.
  void lookForQueued() noexcept { ++asked_; }
  bool mayHaveQueued() const noexcept { return asked_ != answered_; }

 private:
  Start startIn(const Scope& allowed, const StartRequest& request) const;
  Scope scopeOf(const StartRequest& request) const;
  run::Rounds::Slot reserveRound(const StartRequest& request) const;
  run::Rounds::Slot reserveReady(const store::ReadyStart& ready) const;  // null at a limit
  StartedRound take(const StartRequest& request, Deltas deltas, StreamHub::Slot streamSlot);
  StartedRound rejoin(const Identity& caller, const Start& earlier, Deltas deltas,
                      StreamHub::Slot streamSlot) const;
  void run(run::Rounds::Slot slot, const Workflow& workflow, const Message& first,
           const std::string& userId, const UserInput& input);
  void beginReady();

  const Parts parts_;
  // Counted, so that who asks while another look is under way is not taken for answered by it.
  std::atomic<std::uint64_t> asked_ = 0;
  std::atomic<std::uint64_t> answered_ = 0;  // with «nothing waits», by beginQueued()'s thread
};

}  // namespace chatbot::engine
