#include "store/folded.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "query/workflow_row.h"

namespace chatbot::store {
namespace {

SqlValue foldedValue(std::string_view text) {
  std::string folded = base::foldCase(text);
  return folded == text ? SqlValue(std::monostate{}) : SqlValue(std::move(folded));
}

}  // namespace

FoldedInsert foldedInsert(const database::Dialect& dialect, const Workflow& workflow) {
  if (!dialect.storesFolded()) return {};
  FoldedInsert insert;
  for (const Field& field : workflowSchema()) {
    if (field.foldedColumn.empty()) continue;
    insert.columns.text += ", " + field.foldedColumn;
    insert.texts.text += ", CAST(? AS BYTEA)";
    insert.texts.values.push_back(
        foldedValue(std::get<std::string>(query::valueOf(workflow, field))));
  }
  return insert;
}

SqlCondition foldedName(const database::Dialect& dialect, std::string_view name) {
  if (!dialect.storesFolded()) return {};
  return {", nameFolded = ?", {foldedValue(name)}};
}

}  // namespace chatbot::store
