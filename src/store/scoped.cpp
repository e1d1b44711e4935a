#include "store/scoped.h"

#include <algorithm>

#include "store/workflow_columns.h"

namespace chatbot::store {

ScopedConnection::Statement ScopedConnection::expand(const ScopedSql& sql,
                                                     const Arguments& arguments) const {
  Statement statement;
  statement.sql.reserve(sql.text().size() * 2);
  statement.values.reserve(arguments.values.size() + 2);
  auto next = arguments.values.begin();
  const auto addText = [&](std::string_view text) {
    for (const char c : text) {
      if (c == '?') statement.values.push_back(*next++);
    }
    statement.sql += text;
  };
  const auto addPart = [&](const SqlCondition& part) {
    statement.sql += part.text;
    for (const SqlValue& value : part.values) statement.values.push_back(database::viewOf(value));
  };
  std::string_view rest = sql.text();
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    addText(rest.substr(0, open));
    const std::size_t close = rest.find('}');
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    rest.remove_prefix(close + 1);
    if (name == "scope") {
      addPart(condition_);
    } else if (name == "columns") {
      addText(workflowColumns());
    } else if (name == "marks") {
      addText(workflowMarks());
    } else if (name == "forUpdate") {
      addText(dialect().forUpdate());
    } else {
      addPart(std::ranges::find(arguments.parts, name, &SqlPart::name)->sql);
    }
  }
  addText(rest);
  return statement;
}

void ScopedConnection::execute(const ScopedSql& sql, const Arguments& arguments) {
  const Statement statement = expand(sql, arguments);
  connection_.execute(statement.sql, statement.values);
}

// The rows borrow the texts of the parts, which stay where they are when their lists move.
database::Rows ScopedConnection::open(const ScopedSql& sql, Arguments arguments) {
  const Statement statement = expand(sql, arguments);
  std::vector<SqlCondition> kept;
  kept.reserve(arguments.parts.size());
  for (SqlPart& part : arguments.parts) kept.push_back(std::move(part.sql));
  return database::Rows(connection_.open(statement.sql, statement.values), std::move(kept));
}

}  // namespace chatbot::store
