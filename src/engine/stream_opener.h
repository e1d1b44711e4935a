// Opening a caller's stream of a workflow that the caller may read.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "chatbot/engine.h"
#include "engine/shared_rules.h"
#include "run/round_registry.h"
#include "store/engine_store.h"
#include "stream/hub.h"

namespace chatbot::engine {

// Any thread.
class StreamOpener {
 public:
  // `rounds` outlives it.
  StreamOpener(std::shared_ptr<store::EngineStore> store, std::shared_ptr<stream::Hub> streams,
               std::shared_ptr<SharedRules> rules, const run::RoundRegistry& rounds);

  StreamHub::Slot reserve(const Identity& caller) const { return streams_->reserve(caller); }

  // The stream ends as denied once the rules do not let the caller read the workflow any more.
  std::unique_ptr<Stream> open(const Identity& caller, StreamHub::Slot slot,
                               const Workflow& workflow, StreamStart start) const;

  // How far readers may have read in the workflow's draft. To be asked before the workflow is read:
  // a draft that has ended since has lengthened the log.
  std::optional<stream::DraftExtent> draftExtent(std::string_view workflowId) const;

  // Throws Error (conflict, naming the newest position) for a position that does not exist yet.
  static void checkExists(const Position& position, const Workflow& workflow,
                          const std::optional<stream::DraftExtent>& draft, Deltas deltas);

 private:
  const std::shared_ptr<store::EngineStore> store_;
  const std::shared_ptr<stream::Hub> streams_;
  const std::shared_ptr<SharedRules> rules_;
  const run::RoundRegistry& rounds_;
};

}  // namespace chatbot::engine
