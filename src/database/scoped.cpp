#include "database/scoped.h"

#include <algorithm>
#include <iterator>

#include "database/dialect.h"

namespace chatbot::database {
namespace {

// Puts the parts, and the values of both, where their names and marks stand.
class Expansion {
 public:
  Expansion(std::span<const SqlValue> values, std::size_t textSize) : values_(values) {
    sql_.reserve(textSize * 2);
    bound_.reserve(values.size() + 2);
  }

  void addText(std::string_view text) {
    for (const char c : text) {
      if (c == '?') bound_.push_back(values_[next_++]);
    }
    sql_ += text;
  }

  void addPart(const SqlCondition& part) {
    sql_ += part.text;
    std::ranges::copy(part.values, std::back_inserter(bound_));
  }

  const std::string& sql() const noexcept { return sql_; }
  std::span<const SqlValue> bound() const noexcept { return bound_; }

 private:
  std::span<const SqlValue> values_;
  std::size_t next_ = 0;
  std::string sql_;
  std::vector<SqlValue> bound_;
};

}  // namespace

void ScopedConnection::run(const ScopedSql& sql, std::span<const SqlValue> values,
                           const OnRow& onRow, std::initializer_list<SqlPart> parts) {
  Expansion expansion(values, sql.text().size());
  std::string_view rest = sql.text();
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    expansion.addText(rest.substr(0, open));
    const std::size_t close = rest.find('}');
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    rest.remove_prefix(close + 1);
    if (name == "scope") {
      expansion.addPart(scope_.condition());
    } else if (name == "columns") {
      expansion.addText(kWorkflowColumns);
    } else if (name == "forUpdate") {
      expansion.addText(dialect().forUpdate());
    } else {
      expansion.addPart(std::ranges::find(parts, name, &SqlPart::name)->sql);
    }
  }
  expansion.addText(rest);
  connection_.run(expansion.sql(), expansion.bound(), onRow);
}

bool finds(ScopedConnection& connection, const ScopedSql& sql, std::span<const SqlValue> values,
           std::initializer_list<SqlPart> parts) {
  bool found = false;
  const auto see = [&](const Row&) {
    found = true;
    return true;
  };
  connection.run(sql, values, see, parts);
  return found;
}

}  // namespace chatbot::database
