// Statements on tenants' rows, which cannot be run without the scope of a caller.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
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
      : connection_(connection), scope_(std::move(scope)), condition_(scope_.condition()) {}

  const Scope& scope() const noexcept { return scope_; }
  const Dialect& dialect() const noexcept { return connection_.dialect(); }

  // See Connection.
  void lock(std::string_view name) { connection_.lock(name); }
  bool tryLock(std::string_view name) { return connection_.tryLock(name); }

  // As of a Connection: a value for each `?` of the text, in their order, and an SqlPart for each
  // name that is the caller's, wherever among them.
  template <typename... Given>
  void run(const ScopedSql& sql, Given&&... given) {
    execute(sql, argumentsOf(std::forward<Given>(given)...));
  }
  template <typename... Given>
  [[nodiscard]] Rows query(const ScopedSql& sql, Given&&... given) & {
    static_assert((!TemporaryText<Given> && ...), "the text is gone before the rows are read");
    return open(sql, argumentsOf(std::forward<Given>(given)...));
  }

 private:
  struct Arguments {
    std::vector<SqlView> values{};
    std::vector<SqlPart> parts{};

    template <typename Each>
    void add(Each&& each) {
      if constexpr (std::same_as<std::remove_cvref_t<Each>, SqlPart>) {
        parts.push_back(std::forward<Each>(each));
      } else {
        values.push_back(viewOf(each));
      }
    }
  };

  template <typename... Given>
  static Arguments argumentsOf(Given&&... given) {
    Arguments all;
    all.values.reserve(sizeof...(Given));
    (all.add(std::forward<Given>(given)), ...);
    return all;
  }

  // With the parts, and the values of both, where their names and marks stand.
  struct Statement {
    std::string sql;
    std::vector<SqlView> values;
  };
  Statement expand(const ScopedSql& sql, const Arguments& arguments) const;
  void execute(const ScopedSql& sql, const Arguments& arguments);
  Rows open(const ScopedSql& sql, Arguments arguments);

  Connection& connection_;
  Scope scope_;
  SqlCondition condition_;  // its texts are borrowed by the statements
};

}  // namespace chatbot::database
