// The columns of the table workflow, made from the table of ChatWorkflow's fields
// (model/workflow_fields.h): a field that is added there is stored, read and kept in the schema.
#pragma once

#include <string>
#include <string_view>

#include "chatbot/model.h"
#include "database/rows.h"

namespace chatbot::store {

// "id, mandateId, …", in the order of the fields. Any thread; valid as long as the process.
std::string_view workflowColumns();

// A `?` for each of them, in the same order. A column that may be null has its type beside it,
// which PostgreSQL cannot know otherwise.
std::string_view workflowMarks();

// Those of them whose change can move a row into or out of a list.
std::string workflowListColumns();

// Their definitions in a CREATE TABLE, a line each; texts are of the type `textType`.
std::string workflowDefinitions(std::string_view textType);

// The definitions of the folded texts beside them (store/folded.h), each with a comma before it.
std::string foldedDefinitions(std::string_view textType);

// Reads a row whose first columns are workflowColumns().
Workflow readWorkflow(const database::Row& row);

}  // namespace chatbot::store
