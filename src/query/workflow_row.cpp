#include "query/workflow_row.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace chatbot::query {
namespace {

using Read = SqlValue (*)(const Workflow&);

template <auto Workflow::*member>
SqlValue read(const Workflow& workflow) {
  return workflow.*member;
}

SqlValue readStatus(const Workflow& workflow) { return std::string(toText(workflow.status)); }

SqlValue readMaxSteps(const Workflow& workflow) {
  const Field& field = *findField(workflowSchema(), "maxSteps");
  return workflow.maxSteps ? SqlValue(*workflow.maxSteps) : field.ifNull;
}

constexpr std::array<std::pair<std::string_view, Read>, 15> kFields = {{
    {"id", read<&Workflow::id>},
    {"mandateId", read<&Workflow::mandateId>},
    {"name", read<&Workflow::name>},
    {"status", readStatus},
    {"workflowMode", read<&Workflow::workflowMode>},
    {"currentRound", read<&Workflow::currentRound>},
    {"currentTask", read<&Workflow::currentTask>},
    {"currentAction", read<&Workflow::currentAction>},
    {"totalTasks", read<&Workflow::totalTasks>},
    {"totalActions", read<&Workflow::totalActions>},
    {"maxSteps", readMaxSteps},
    {"startedAt", read<&Workflow::startedAt>},
    {"lastActivity", read<&Workflow::lastActivity>},
    {"_createdBy", read<&Workflow::createdBy>},
    {"_createdAt", read<&Workflow::createdAt>},
}};

}  // namespace

SqlValue valueOf(const Workflow& workflow, const Field& field) {
  const auto found =
      std::ranges::find(kFields, field.name, [](const auto& entry) { return entry.first; });
  return found->second(workflow);
}

}  // namespace chatbot::query
