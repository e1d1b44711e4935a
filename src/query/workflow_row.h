// Workflows as rows of a query.
#pragma once

#include "chatbot/model.h"
#include "chatbot/query.h"

namespace chatbot::query {

// The value of a field of workflowSchema().
SqlValue valueOf(const Workflow& workflow, const Field& field);

}  // namespace chatbot::query
