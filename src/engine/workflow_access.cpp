#include "engine/workflow_access.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "base/json_text.h"
#include "base/message.h"
#include "chatbot/environment.h"
#include "chatbot/error.h"

namespace chatbot::engine {

// A text that is no id may have any length and lines: only the detail shows it whole.
Error workflowNotFound(std::string_view workflowId) {
  constexpr const char* kMessage = "Workflow with ID {} not found";
  if (isId(workflowId)) return {ErrorCode::notFound, fmt::format(kMessage, workflowId)};
  return Error(ErrorCode::notFound, fmt::format(kMessage, base::excerpt(workflowId)))
      .withDetail(base::jsonString(fmt::format(kMessage, workflowId)));
}

Scope WorkflowAccess::scope(const Identity& caller, Operation operation) const {
  return rules_->get().scope(caller, kWorkflowTable, operation);
}

void WorkflowAccess::checkFound(const std::optional<Workflow>& found, std::string_view workflowId) {
  if (!found) throw workflowNotFound(workflowId);
  if (found->workflowMode == kChatbotMode) return;
  throw Error(ErrorCode::wrongMode,
              fmt::format("Workflow {} is not a chatbot workflow", workflowId));
}

Workflow WorkflowAccess::find(const Identity& caller, std::string_view workflowId) const {
  if (!isId(workflowId)) throw workflowNotFound(workflowId);
  std::optional<Workflow> workflow = store_->find(scope(caller, Operation::read), workflowId);
  checkFound(workflow, workflowId);
  return *std::move(workflow);
}

Scope WorkflowAccess::require(const Identity& caller, const Workflow& workflow, Operation operation,
                              const char* refusal) const {
  Scope allowed = scope(caller, operation);
  if (allowed.allows(workflow.mandateId, workflow.createdBy)) return allowed;
  logRefusal(caller, operation);
  throw Error(ErrorCode::forbidden, refusal);
}

void WorkflowAccess::logRefusal(const Identity& caller, Operation operation) const {
  if (!log_) return;
  const RuleSet current = rules_->get();  // the decision's texts live in it
  const Decision decision = current.decide(caller, kWorkflowTable, operation);
  base::logLine(log_, LogLevel::info, "access was refused",
                {{"operation", std::string(toText(operation))},
                 {"level", std::string(toText(decision.level))},
                 {"role", std::string(decision.role)},
                 {"table", std::string(decision.table)},
                 {"rule", decision.rule ? std::to_string(*decision.rule) : "none"}});
}

namespace {

constexpr std::int64_t kUnknownLength = std::numeric_limits<std::int64_t>::max();

}  // namespace

StreamOpener::StreamOpener(std::shared_ptr<store::EngineStore> store,
                           std::shared_ptr<stream::Hub> streams, std::shared_ptr<SharedRules> rules,
                           const run::RoundRegistry& rounds)
    : store_(std::move(store)),
      streams_(std::move(streams)),
      rules_(std::move(rules)),
      rounds_(rounds) {}

std::unique_ptr<Stream> StreamOpener::open(const Identity& caller, StreamHub::Slot slot,
                                           const Workflow& workflow, StreamStart start) const {
  const auto mayRead = [rules = rules_, caller, mandateId = workflow.mandateId,
                        createdBy = workflow.createdBy] {
    return rules->get().allows(caller, kWorkflowTable, Operation::read, mandateId, createdBy);
  };
  const Scope scope = rules_->get().scope(caller, kWorkflowTable, Operation::read);
  return streams_->open(std::move(slot), scope, workflow.id, start, mayRead);
}

// A peer may be writing the draft: its readers may have been shown more than is stored.
std::optional<stream::DraftExtent> StreamOpener::draftExtent(std::string_view workflowId) const {
  const std::optional<stream::DraftExtent> own = streams_->draftExtent(workflowId);
  if (own || rounds_.find(workflowId) != nullptr || !store_->hasPeers()) return own;
  return stream::DraftExtent{.afterSeq = 0, .length = kUnknownLength};
}

// A position in a draft exists while that draft, or a longer log, does.
void StreamOpener::checkExists(const Position& position, const Workflow& workflow,
                               const std::optional<stream::DraftExtent>& draft, Deltas deltas) {
  const std::int64_t offset = position.offset.value_or(0);
  const bool isRunning = workflow.status == WorkflowStatus::running;
  const bool inDraft = draft && isRunning && draft->afterSeq <= position.seq;
  const bool exists = position.seq < workflow.lastSeq ||
                      (position.seq == workflow.lastSeq && (inDraft || offset == 0));
  if (exists && !(inDraft && offset > draft->length)) return;
  Position newest{.seq = workflow.lastSeq};
  const bool isKnown = draft && draft->length != kUnknownLength;
  if (isKnown && deltas == Deltas::shown) newest.offset = draft->length;
  throw Error(ErrorCode::conflict, fmt::format("Place {} does not exist yet; the newest is {}",
                                               toText(position), toText(newest)));
}

}  // namespace chatbot::engine
