// The columns of the table workflow, made from the table of ChatWorkflow's fields
// (model/fields.h): a field that is added there is stored, read and kept in the schema.
//
// Where the database cannot fold texts as the library does (see Dialect::storesFolded), it stores
// them folded, too: the column `nameFolded` has the folded `name`, and so on; null where the two
// are the same.
#pragma once

#include <string>
#include <string_view>

#include "chatbot/condition.h"
#include "chatbot/model.h"
#include "database/dialect.h"
#include "database/rows.h"

namespace chatbot::store {

// "id, mandateId, …", in the order of the fields. Any thread; valid as long as the process.
std::string_view workflowColumns();

// A `?` for each column, in the same order. A column that may be null has its type beside it,
// because PostgreSQL cannot know it otherwise.
std::string_view workflowMarks();

// The columns whose change can move a row into or out of a list.
std::string workflowListColumns();

// The definitions of the columns in a CREATE TABLE, a line each; texts are of the type `textType`.
std::string workflowDefinitions(std::string_view textType);

// The definitions of the columns of folded texts, each with a comma before it.
std::string foldedDefinitions(std::string_view textType);

// Reads a row whose first columns are workflowColumns().
Workflow readWorkflow(const database::Row& row);

// The columns and values that an INSERT of a workflow adds, each with a comma before it.
struct FoldedInsert {
  SqlCondition columns;
  SqlCondition texts;
};
FoldedInsert foldedInsert(const database::Dialect& dialect, const Workflow& workflow);

// The assignment that an UPDATE of its name adds, with a comma before it.
SqlCondition foldedName(const database::Dialect& dialect, std::string_view name);

}  // namespace chatbot::store
