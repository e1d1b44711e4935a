#include "query/workflow_row.h"

#include <fmt/format.h>

#include "model/workflow_fields.h"
#include "query/value.h"

namespace chatbot {
namespace {

constexpr FieldType typeOf(const std::string*) { return FieldType::text; }
constexpr FieldType typeOf(const WorkflowStatus*) { return FieldType::text; }
constexpr FieldType typeOf(const std::int64_t*) { return FieldType::integer; }
constexpr FieldType typeOf(const double*) { return FieldType::real; }

template <typename T>
Field fieldOf(const model::FieldFacts& facts, const T* type) {
  Field field{std::string(facts.name), std::string(columnOf(facts)), typeOf(type), false, {}, {}};
  const bool hasCase = std::is_same_v<T, std::string>;  // a status has none
  if (hasCase) field.foldedColumn = field.column + "Folded";
  return field;
}

// Where clients are shown a default in the place of null, they sort and filter by it too.
template <typename T>
Field fieldOf(const model::FieldFacts& facts, const std::optional<T>*) {
  Field field = fieldOf(facts, static_cast<const T*>(nullptr));
  field.nullable = !facts.ifAbsent;
  if (!facts.ifAbsent) return field;
  field.column = fmt::format("coalesce({}, {})", field.column, *facts.ifAbsent);
  field.ifNull = *facts.ifAbsent;
  return field;
}

Schema makeWorkflowSchema() {
  Schema schema;
  model::forEach(model::kWorkflowFields, [&]<typename T>(const model::Field<Workflow, T>& field) {
    if (field.facts.name.empty()) return;
    schema.push_back(fieldOf(field.facts, static_cast<const T*>(nullptr)));
  });
  return schema;
}

}  // namespace

const Schema& workflowSchema() {
  static const Schema schema = makeWorkflowSchema();
  return schema;
}

namespace query {

SqlValue valueOf(const Workflow& workflow, const Field& field) {
  SqlValue value;
  model::forEach(model::kWorkflowFields, [&](const auto& known) {
    if (known.facts.name == field.name) value = toSqlValue(workflow.*known.member);
  });
  return isNull(borrow(value)) ? field.ifNull : value;
}

}  // namespace query

}  // namespace chatbot
