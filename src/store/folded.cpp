#include "store/folded.h"

#include <array>
#include <string>
#include <utility>

#include "base/text.h"

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
  const std::array<std::pair<const char*, std::string_view>, 5> texts = {{
      {"idFolded", workflow.id},
      {"mandateIdFolded", workflow.mandateId},
      {"nameFolded", workflow.name},
      {"workflowModeFolded", workflow.workflowMode},
      {"createdByFolded", workflow.createdBy},
  }};
  for (const auto& [column, text] : texts) {
    insert.columns.text += ", ";
    insert.columns.text += column;
    insert.texts.text += ", CAST(? AS BYTEA)";
    insert.texts.values.push_back(foldedValue(text));
  }
  return insert;
}

SqlCondition foldedName(const database::Dialect& dialect, std::string_view name) {
  if (!dialect.storesFolded()) return {};
  return {", nameFolded = ?", {foldedValue(name)}};
}

}  // namespace chatbot::store
