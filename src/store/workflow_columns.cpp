#include "store/workflow_columns.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/text.h"
#include "chatbot/query.h"
#include "model/fields.h"
#include "query/row_table.h"

namespace chatbot::store {
namespace {

template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;

// The SQL type of a member. The texts of a status are the store's own.
std::string_view typeOf(const std::string*, std::string_view textType) { return textType; }
std::string_view typeOf(const WorkflowStatus*, std::string_view textType) { return textType; }
std::string_view typeOf(const std::int64_t*, std::string_view) { return "BIGINT"; }
std::string_view typeOf(const double*, std::string_view) { return "DOUBLE PRECISION"; }
template <typename T>
std::string_view typeOf(const std::optional<T>*, std::string_view textType) {
  return typeOf(static_cast<const T*>(nullptr), textType);
}

// Joins what `textOf` makes of each field; an empty text is left out.
template <typename TextOf>
std::string joined(std::string_view separator, const TextOf& textOf) {
  std::string all;
  model::forEach(model::kWorkflowFields, [&](const auto& field) {
    const std::string text = textOf(field);
    if (text.empty()) return;
    if (!all.empty()) all += separator;
    all += text;
  });
  return all;
}

void read(const database::Row& row, int column, std::string& out) { out = row.text(column); }
void read(const database::Row& row, int column, std::int64_t& out) { out = row.integer(column); }
void read(const database::Row& row, int column, double& out) { out = row.real(column); }
void read(const database::Row& row, int column, WorkflowStatus& out) {
  out = workflowStatusFromText(row.text(column));
}
template <typename T>
void read(const database::Row& row, int column, std::optional<T>& out) {
  out.reset();
  if (!row.isNull(column)) read(row, column, out.emplace());
}

SqlValue foldedValue(std::string_view text) {
  std::string folded = base::foldForms(text);
  return folded == text ? SqlValue(std::monostate{}) : SqlValue(std::move(folded));
}

}  // namespace

std::string_view workflowColumns() {
  static const std::string columns =
      joined(", ", [](const auto& field) { return std::string(columnOf(field.facts)); });
  return columns;
}

std::string_view workflowMarks() {
  static const std::string marks =
      joined(", ", []<typename T>(const model::Field<Workflow, T>&) -> std::string {
        if (!kIsOptional<T>) return "?";
        return fmt::format("CAST(? AS {})", typeOf(static_cast<const T*>(nullptr), "TEXT"));
      });
  return marks;
}

// An append to the log moves no row: it changes lastSeq and lastActivity alone.
std::string workflowListColumns() {
  return joined(", ", [](const auto& field) {
    const std::string_view column = columnOf(field.facts);
    return column == "lastSeq" || column == "lastActivity" ? "" : std::string(column);
  });
}

std::string workflowDefinitions(std::string_view textType) {
  return joined(",\n  ", [&]<typename T>(const model::Field<Workflow, T>& field) {
    const std::string_view column = columnOf(field.facts);
    return fmt::format("{} {}{}{}", column, typeOf(static_cast<const T*>(nullptr), textType),
                       kIsOptional<T> ? "" : " NOT NULL", column == "id" ? " PRIMARY KEY" : "");
  });
}

std::string foldedDefinitions(std::string_view textType) {
  std::string all;
  for (const Field& field : workflowSchema()) {
    if (!field.foldedColumn.empty()) all += fmt::format(",\n  {} {}", field.foldedColumn, textType);
  }
  return all;
}

Workflow readWorkflow(const database::Row& row) {
  Workflow workflow;
  int column = 0;
  model::forEach(model::kWorkflowFields,
                 [&](const auto& field) { read(row, column++, workflow.*field.member); });
  return workflow;
}

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
