#include "query/row_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/json_input.h"
#include "base/message.h"
#include "model/fields.h"
#include "query/value.h"

namespace chatbot::query {
namespace {

bool fitsType(const Value& value, FieldType type) noexcept {
  if (isNull(value)) return true;
  return std::holds_alternative<std::string_view>(value) == (type == FieldType::text);
}

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

// Keeps the first fault, for text that is no JSON is refused as such wherever it breaks.
class RowTable::Reader final : public base::JsonWalker {
 public:
  explicit Reader(RowTable& table) : table_(table), row_(table.schema_.size()) {}

  const std::string& fault() const noexcept { return fault_; }

  bool null() override { return take(Value{}); }
  bool boolean(bool) override { return take(std::nullopt); }
  bool number_integer(number_integer_t number) override { return take(Value(number)); }
  bool number_float(number_float_t number, const string_t&) override { return take(Value(number)); }
  bool number_unsigned(number_unsigned_t number) override {
    constexpr auto kMost = number_unsigned_t{std::numeric_limits<std::int64_t>::max()};
    if (number > kMost) return take(Value(static_cast<double>(number)));
    return take(Value(static_cast<std::int64_t>(number)));
  }

  bool string(string_t& text) override {
    if (!isInField()) return take(std::nullopt);
    const std::size_t start = table_.texts_.size();
    table_.texts_ += text;
    return take(Value(std::string_view(table_.texts_).substr(start)));
  }

  bool key(string_t& name) override {
    if (depth_ == kInRow) column_ = findColumn(name);
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ > 0) take(std::nullopt);
    ++depth_;
    return true;
  }

  bool start_object(std::size_t) override {
    if (depth_ == kInList) {
      std::ranges::fill(row_, Value{});
    } else {
      take(std::nullopt);
    }
    ++depth_;
    return true;
  }

  bool end_array() override {
    --depth_;
    return true;
  }

  bool end_object() override {
    --depth_;
    if (depth_ == kInList && fault_.empty()) endRow();
    return true;
  }

 private:
  static constexpr int kInList = 1;
  static constexpr int kInRow = 2;

  bool isInField() const noexcept {
    return depth_ == kInRow && column_ < row_.size() && fault_.empty();
  }

  // Members mostly come in the order of the schema.
  std::size_t findColumn(std::string_view name) const noexcept {
    const Schema& schema = table_.schema_;
    const std::size_t next = column_ + 1;
    if (next < schema.size() && schema[next].name == name) return next;
    return static_cast<std::size_t>(std::ranges::find(schema, name, &Field::name) - schema.begin());
  }

  // A value; nothing for one that fits no field.
  bool take(const std::optional<Value>& value) {
    if (!fault_.empty()) return true;
    if (depth_ == 0) fault_ = "rows must be a list";
    if (depth_ == kInList) fault_ = fmt::format("rows[{}] must be an object", table_.size());
    if (isInField()) row_[column_] = value;
    return true;
  }

  void endRow() {
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const Field& field = table_.schema_[i];
      if (row_[i] && fitsType(*row_[i], field.type)) continue;
      fault_ = fmt::format("rows[{}].{} must be {} or null", table_.size(), field.name,
                           nameOf(field.type));
      return;
    }
    for (std::size_t i = 0; i < row_.size(); ++i) {
      table_.values_.push_back(isNull(*row_[i]) ? borrow(table_.schema_[i].ifNull) : *row_[i]);
    }
  }

  RowTable& table_;
  int depth_ = 0;
  std::size_t column_ = 0;
  std::vector<std::optional<Value>> row_;  // of the row so far; nothing: a value of no known type
  std::string fault_;
};

RowTable::RowTable(std::string_view json, const Schema& schema) : schema_(schema) {
  texts_.reserve(json.size());  // no text is longer than its JSON form
  Reader reader(*this);
  if (!base::walkJson(json, reader)) base::refuse("rows must be valid JSON");
  if (!reader.fault().empty()) base::refuse("{}", reader.fault());
}

std::size_t RowTable::columnOf(const Field& field) const noexcept {
  return static_cast<std::size_t>(std::ranges::find(schema_, field.name, &Field::name) -
                                  schema_.begin());
}

}  // namespace chatbot::query

namespace chatbot {

const Schema& workflowSchema() {
  static const Schema schema = query::makeWorkflowSchema();
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
