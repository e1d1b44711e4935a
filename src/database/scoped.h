// Statements on tenants' rows, which cannot be run without the scope of a caller.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chatbot/access.h"
#include "database/driver.h"

namespace chatbot::database {

inline constexpr std::string_view kWorkflowColumns =
    "id, mandateId, name, status, workflowMode, currentRound, currentTask, currentAction, "
    "totalTasks, totalActions, maxSteps, startedAt, lastActivity, createdBy, createdAt, lastSeq";

// The text of a statement with `{scope}` where the caller's condition on the columns of the table
// workflow stands: a text without it does not compile. `{columns}` stands for workflow's columns,
// `{forUpdate}` for the dialect's word that locks the rows; other names are filled in by the
// caller.
class ScopedSql {
 public:
  consteval ScopedSql(const char* text) : text_(text) {  // NOLINT(google-explicit-constructor)
    if (text_.find("{scope}") == std::string_view::npos) throw "a statement needs {scope}";
  }

  std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

// What a name in a statement stands for.
struct SqlPart {
  std::string_view name;  // without the braces
  SqlCondition sql;
};

// A connection that runs statements within one scope. It lives as long as the call that it serves.
class ScopedConnection {
 public:
  ScopedConnection(Connection& connection, Scope scope)
      : connection_(connection), scope_(std::move(scope)) {}

  const Scope& scope() const noexcept { return scope_; }
  const Dialect& dialect() const noexcept { return connection_.dialect(); }

  // See Connection.
  void lock(std::string_view name) { connection_.lock(name); }
  bool tryLock(std::string_view name) { return connection_.tryLock(name); }

  // One value for each `?` in `sql`, in their order; those of the parts come with the parts.
  void run(const ScopedSql& sql, std::span<const SqlValue> values, const OnRow& onRow = {},
           std::initializer_list<SqlPart> parts = {});

 private:
  Connection& connection_;
  Scope scope_;
};

// Whether the statement gives a row. All its rows are run through: it may be a change.
bool finds(ScopedConnection& connection, const ScopedSql& sql, std::span<const SqlValue> values,
           std::initializer_list<SqlPart> parts = {});

}  // namespace chatbot::database
