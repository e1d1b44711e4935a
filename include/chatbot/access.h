/// @file
/// Role-based access control: which rows of a table a caller may read, create, update or delete.
///
/// A rule gives a role one of four levels for each operation on a table. A caller's level is the
/// widest over its roles; a rule that names the table overrides the role's `*` rule, operation by
/// operation; without a rule it is `none`. A RuleSet and a Scope never change after they were made
/// and may be used from any thread; assigning to one needs a lock, as for any value.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/condition.h"

namespace chatbot {

/// The authenticated caller, as the host says. Nothing in a request can widen it.
struct Identity {
  std::string userId;              ///< not empty
  std::string mandateId;           ///< the tenant; empty for a user of no tenant
  std::vector<std::string> roles;  ///< empty: nothing is allowed
};

/// Throws Error (invalidArgument) unless userId is 1 to 255 bytes, mandateId and each role at most
/// 255, and all are UTF-8 without control characters.
void validate(const Identity& identity);

/// {"userId": "…", "mandateId": "…" or null, "roles": ["…"]}; mandateId and roles may be left out.
/// Throws Error (invalidArgument) naming the field that does not fit.
Identity parseIdentity(std::string_view json);

enum class Level {
  none,
  my,     ///< rows that the caller made, in the caller's mandate
  group,  ///< rows of the caller's mandate; `my` for a caller without one
  all,    ///< every row of every mandate
};

enum class Operation { read, create, update, remove };

/// A level that is absent leaves the question to the role's `*` rule.
struct Rule {
  std::string role;
  std::string table;  ///< a model's name, such as ChatWorkflow, or "*"
  std::optional<Level> read, create, update, remove;

  bool operator==(const Rule&) const = default;
};

inline constexpr std::string_view kWorkflowTable = "ChatWorkflow";

inline constexpr std::size_t kMaxRules = 100'000;  ///< of a set

/// The rows that one caller may touch with one operation.
class Scope {
 public:
  /// For the host's own maintenance and the library's own book-keeping: every row.
  static Scope system();

  /// For work on behalf of one mandate as a whole: every row of the mandate, and of no other one.
  /// The empty mandate is that of users of no tenant.
  static Scope ofMandate(std::string mandateId);

  /// `group` is `my` for an identity without a mandate; one without a user reaches nothing.
  Scope(Level level, const Identity& identity);

  Level level() const noexcept { return level_; }
  const std::string& userId() const noexcept { return userId_; }
  const std::string& mandateId() const noexcept { return mandateId_; }

  /// Whether the row that `createdBy` made in `mandateId` is among them.
  bool allows(std::string_view mandateId, std::string_view createdBy) const noexcept;

  /// The same as a condition on the columns mandateId and createdBy.
  SqlCondition condition() const;

 private:
  Level level_;
  std::string userId_;
  std::string mandateId_;
};

/// The answer to a question and the rule that decided it, for the log. `level` is what the caller
/// has, as in Scope: the rule may say `group` to a caller for whom this is `my`. The others name
/// the rule; they are empty where no rule of the caller's roles applies. The texts live as long as
/// the rule set.
struct Decision {
  Level level = Level::none;
  std::string_view role;
  std::string_view table;
  std::optional<std::size_t> rule;  ///< its place in RuleSet::rules()
};

/// The rules of an engine, compiled. A cheap value: a copy shares the compiled form, which never
/// changes. A set that was moved from may only be assigned to or destroyed.
class RuleSet {
 public:
  /// Compiles the rules. Throws Error (invalidArgument) naming the rule for a role or a table that
  /// is empty, longer than 255 bytes, no UTF-8 or has control characters; for two rules of one role
  /// for one table; and for more than kMaxRules.
  explicit RuleSet(std::vector<Rule> rules);

  /// The rules of a new engine: `user` (all my), `admin` (all group), `sysadmin` (all), `viewer`
  /// (read group, nothing else).
  static RuleSet standard();

  /// A list of {"role", "table", "read", "create", "update", "delete"}; a level is "n", "m", "g" or
  /// "a" and may be null or left out. Throws Error (invalidArgument) naming the place that does not
  /// fit, as `rules[3].read` or, in text that is not JSON, by line and column. An unknown key and
  /// one that comes twice do not fit: the operation would be left to what was not meant.
  static RuleSet fromJson(std::string_view json);

  /// The rules as they were given, in their order. fromJson makes the same set of the document.
  const std::vector<Rule>& rules() const noexcept;
  std::string toJson() const;

  /// `*` as the table asks for one that no rule names. Where several rules of the caller's roles
  /// give the same level, that of the first of these roles decides.
  Decision decide(const Identity& identity, std::string_view table,
                  Operation operation) const noexcept;
  Scope scope(const Identity& identity, std::string_view table, Operation operation) const;

  /// The same as scope(…).allows(mandateId, createdBy), without a copy of the caller's names.
  bool allows(const Identity& identity, std::string_view table, Operation operation,
              std::string_view mandateId, std::string_view createdBy) const noexcept;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

/// "n", "m", "g" or "a".
std::string_view toText(Level level) noexcept;

/// "read", "create", "update" or "delete".
std::string_view toText(Operation operation) noexcept;

}  // namespace chatbot
