// What a write does within its transaction.
#pragma once

#include <optional>
#include <utility>

#include "store/scoped.h"
#include "store/settings.h"
#include "store/writer.h"

namespace chatbot::store {

class Transaction {
 public:
  Transaction(database::Connection& connection, const Scope& scope, Changes& changes)
      : rows(connection, scope), connection_(connection), changes_(changes) {}

  ScopedConnection rows;

  // For what the database holds beside tenants' rows.
  database::Connection& database() const noexcept { return connection_; }

  Changes& changes() const noexcept { return changes_; }

  // Has the listener told of a change once it is committed.
  void tell(CommittedChange change) { changes_.told.push_back(std::move(change)); }

  // Notes a row that the latest statement on workflows has made, changed or removed, for the totals
  // of lists. Where one is not noted, they are counted again.
  void note(std::optional<Workflow> before, std::optional<Workflow> after) {
    if (const std::optional<std::int64_t> version = selectVersion(connection_)) {
      changes_.rows.push_back({*version, std::move(before), std::move(after)});
    }
  }

 private:
  database::Connection& connection_;
  Changes& changes_;
};

}  // namespace chatbot::store
