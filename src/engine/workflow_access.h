// Workflows for a caller: finding one, asking whether the caller may change it, and opening its
// streams.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "chatbot/access.h"
#include "chatbot/engine.h"
#include "chatbot/error.h"
#include "chatbot/log.h"
#include "chatbot/model.h"
#include "chatbot/store.h"
#include "engine/shared_rules.h"
#include "run/round_registry.h"
#include "store/engine_store.h"
#include "stream/hub.h"

namespace chatbot::engine {

// The refusals of what a caller may see and not do.
inline constexpr const char* kMayNotCreate = "You don't have permission to create a workflow";
inline constexpr const char* kMayNotChange = "You don't have permission to change this workflow";
inline constexpr const char* kMayNotDelete = "You don't have permission to delete this workflow";

// The answer for a workflow that is absent or not visible: the two are not told apart.
Error workflowNotFound(std::string_view workflowId);

// Any thread.
class WorkflowAccess {
 public:
  WorkflowAccess(std::shared_ptr<store::EngineStore> store, std::shared_ptr<SharedRules> rules,
                 LogFunction log)
      : store_(std::move(store)), rules_(std::move(rules)), log_(std::move(log)) {}

  Scope scope(const Identity& caller, Operation operation) const;

  // Throws Error: notFound for what the caller may not read, wrongMode for what is no chatbot's.
  Workflow find(const Identity& caller, std::string_view workflowId) const;
  static void checkFound(const std::optional<Workflow>& found, std::string_view workflowId);

  // The rows that the operation may touch, once it is known that `workflow` is one of them. Throws
  // Error (forbidden, `refusal`), and says in the log which rule was too narrow.
  Scope require(const Identity& caller, const Workflow& workflow, Operation operation,
                const char* refusal) const;

 private:
  void logRefusal(const Identity& caller, Operation operation) const;

  const std::shared_ptr<store::EngineStore> store_;
  const std::shared_ptr<SharedRules> rules_;
  const LogFunction log_;
};

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
