// Statements on tenants' rows, which cannot be run without the scope of a caller.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "chatbot/access.h"
#include "database/dialect.h"
#include "database/driver.h"

namespace chatbot::store {

// The text of a statement with `{scope}` where the caller's condition on the columns of the table
// workflow stands: a text without it does not compile. `{columns}` stands for workflow's columns,
// `{marks}` for a `?` for each of them, `{forUpdate}` for the dialect's words that lock the rows;
// the caller gives an SqlPart for each other name.
class ScopedSql {
 public:
  consteval ScopedSql(const char* text) : text_(text) {  // NOLINT(google-explicit-constructor)
    if (text_.find("{scope}") == std::string_view::npos) throw "a statement needs {scope}";
  }

  std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

// The SQL that stands where a name in braces is.
struct SqlPart {
  std::string_view name;  // without the braces
  SqlCondition sql;
};

// Runs statements within one scope. One thread, within the transaction of the call that it serves.
class ScopedConnection {
 public:
  ScopedConnection(database::Connection& connection, Scope scope)
      : connection_(connection), scope_(std::move(scope)), condition_(scope_.condition()) {}

  const Scope& scope() const noexcept { return scope_; }
  const database::Dialect& dialect() const noexcept { return connection_.dialect(); }

  // For what is kept beside tenants' rows, as the index of words.
  database::Connection& connection() const noexcept { return connection_; }

  // See database::Connection.
  void lock(std::string_view name) { connection_.lock(name); }
  bool tryLock(std::string_view name) { return connection_.tryLock(name); }

  // As of a database::Connection: a value for each `?` of the text, in their order, and an SqlPart
  // for each name, anywhere among them.
  template <typename... Given>
  void run(const ScopedSql& sql, Given&&... given) {
    execute(sql, argumentsOf(std::forward<Given>(given)...));
  }
  template <typename... Given>
  [[nodiscard]] database::Rows query(const ScopedSql& sql, Given&&... given) & {
    static_assert((!database::TemporaryText<Given> && ...), "the text ends before the rows do");
    return open(sql, argumentsOf(std::forward<Given>(given)...));
  }

 private:
  struct Arguments {
    std::vector<database::SqlView> values{};
    std::vector<SqlPart> parts{};

    template <typename Each>
    void add(Each&& each) {
      if constexpr (std::same_as<std::remove_cvref_t<Each>, SqlPart>) {
        parts.push_back(std::forward<Each>(each));
      } else {
        values.push_back(database::viewOf(each));
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

  // A statement as the driver takes it, with the texts and values of its parts.
  struct Statement {
    std::string sql;
    std::vector<database::SqlView> values;
  };
  Statement expand(const ScopedSql& sql, const Arguments& arguments) const;
  void execute(const ScopedSql& sql, const Arguments& arguments);
  database::Rows open(const ScopedSql& sql, Arguments arguments);

  database::Connection& connection_;
  Scope scope_;
  SqlCondition condition_;  // the statements borrow its texts
};

}  // namespace chatbot::store
