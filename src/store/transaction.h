// A transaction that writes within a scope, and the changes that follow from its commit.
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

  // Hands a change to the listener once it is committed.
  void publish(CommittedChange change) { changes_.published.push_back(std::move(change)); }

  // Notes a row that the latest statement on workflows has made, changed or removed, for the totals
  // of lists. Where one is not noted, they are counted again.
  void record(std::optional<Workflow> before, std::optional<Workflow> after) {
    if (const std::optional<std::int64_t> version = selectVersion(connection_)) {
      changes_.rows.push_back({*version, std::move(before), std::move(after)});
    }
  }

 private:
  database::Connection& connection_;
  Changes& changes_;
};

}  // namespace chatbot::store
