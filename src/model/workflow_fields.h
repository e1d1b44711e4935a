// The fields of ChatWorkflow: the one place that names them.
#pragma once

#include <array>
#include <string_view>

#include "chatbot/model.h"
#include "model/field.h"

namespace chatbot::model {

// In the order of WorkflowStatus.
inline constexpr std::array<std::string_view, 4> kWorkflowStatuses = {"running", "completed",
                                                                      "stopped", "error"};

// In the order of JSON, and of the table's columns.
inline constexpr auto kWorkflowFields = table(
    field(&Workflow::id, {.name = "id", .isRequired = true, .format = "uuid"}),
    field(&Workflow::mandateId, {.name = "mandateId", .isRequired = true}),
    field(&Workflow::name, {.name = "name", .isRequired = true}),
    field(&Workflow::status, {.name = "status", .choices = kWorkflowStatuses, .isRequired = true}),
    field(&Workflow::workflowMode, {.name = "workflowMode", .isRequired = true}),
    field(&Workflow::currentRound, {.name = "currentRound", .isRequired = true}),
    field(&Workflow::currentTask, {.name = "currentTask"}),
    field(&Workflow::currentAction, {.name = "currentAction"}),
    field(&Workflow::totalTasks, {.name = "totalTasks"}),
    field(&Workflow::totalActions, {.name = "totalActions"}),
    field(&Workflow::maxSteps,
          {.name = "maxSteps", .ifAbsent = kDefaultMaxSteps, .isRequired = true}),
    field(&Workflow::startedAt,
          {.name = "startedAt", .isRequired = true, .description = "Seconds since the epoch"}),
    field(&Workflow::lastActivity, {.name = "lastActivity", .isRequired = true}),
    field(&Workflow::createdBy, {.name = "_createdBy", .column = "createdBy", .isRequired = true}),
    field(&Workflow::createdAt, {.name = "_createdAt", .column = "createdAt", .isRequired = true}),
    field(&Workflow::lastSeq, {.column = "lastSeq"}));

inline void writeField(base::JsonObject& out, const FieldFacts& facts, WorkflowStatus status) {
  out.field(facts.name, toText(status));
}

}  // namespace chatbot::model
