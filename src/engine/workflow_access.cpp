#include "engine/workflow_access.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/excerpt.h"
#include "base/json_text.h"
#include "base/log_line.h"
#include "chatbot/environment.h"

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

}  // namespace chatbot::engine
