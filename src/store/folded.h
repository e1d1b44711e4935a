// Texts without their case, stored beside those of workflows where the database cannot fold them
// itself as the library does (see Dialect::storesFolded).
//
// The column `nameFolded` has the folded `name`, and so on; null where the two are the same.
#pragma once

#include <string_view>

#include "chatbot/condition.h"
#include "chatbot/model.h"
#include "database/dialect.h"

namespace chatbot::store {

// The columns and values that an INSERT of a workflow adds, each with a comma before it.
struct FoldedInsert {
  SqlCondition columns;
  SqlCondition texts;
};
FoldedInsert foldedInsert(const database::Dialect& dialect, const Workflow& workflow);

// The assignment that an UPDATE of its name adds, with a comma before it.
SqlCondition foldedName(const database::Dialect& dialect, std::string_view name);

}  // namespace chatbot::store
