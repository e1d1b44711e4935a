// The table `workflow`: one row a workflow, with the state of its newest round.
//
// Statements run within the transaction and the scope of their connection: rows outside the scope
// do not exist for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "chatbot/store.h"
#include "store/scoped.h"

namespace chatbot::store {

std::optional<Workflow> selectWorkflow(ScopedConnection& connection, std::string_view id);

// The same in a transaction that goes on from what it has found: until its end nobody else changes
// the workflow.
std::optional<Workflow> lockWorkflow(ScopedConnection& connection, std::string_view id);

// The workflows among `ids` that are in scope.
std::vector<Workflow> selectWorkflowsOf(ScopedConnection& connection,
                                        std::span<const std::string> ids);

// The running rounds: of all instances; of one; of the `dead` ones and of those that the database
// does not know.
std::vector<RoundKey> selectRunningRounds(ScopedConnection& connection);
std::vector<RoundKey> selectRoundsOf(ScopedConnection& connection, std::int64_t instance);
std::vector<RoundKey> selectAbandonedRounds(ScopedConnection& connection,
                                            std::span<const std::int64_t> dead, std::size_t limit);

// `instance` is the store that runs the workflow's round, 0 for none. False where the scope does
// not allow the row: then nothing was inserted.
bool insertWorkflow(ScopedConnection& connection, const Workflow& workflow, std::int64_t instance);

struct ExtendedRound {
  std::int64_t lastSeq = 0;  // the last of the new places
  double createdAt = 0;      // of the items there
};

// Gives the running round `count` more places; nothing when the round is over. The workflow's
// lastActivity follows by the second; the round's end sets it exactly. Where the clock was set
// back, times do not: they stay where the newest may be, within a second behind lastActivity.
std::optional<ExtendedRound> extendRound(ScopedConnection& connection, const RoundKey& round,
                                         std::size_t count, double now);

// Changes of a workflow's state. lastActivity never goes back. Each returns the row as it is
// afterwards; nothing where no row of the scope is in the state that the change starts from. The
// next round does not begin while an earlier start waits for it.
std::optional<Workflow> updateToNextRound(ScopedConnection& connection, std::string_view id,
                                          std::int64_t instance, double now);
std::optional<Workflow> updateToEnded(ScopedConnection& connection, const RoundKey& round,
                                      WorkflowStatus status, double now);
std::optional<Workflow> updateName(ScopedConnection& connection, std::string_view id,
                                   std::string_view name);
std::optional<Workflow> updateNameInRound(ScopedConnection& connection, const RoundKey& round,
                                          std::string_view name);

// Deletes the row alone. False where it is absent or out of scope.
bool deleteWorkflow(ScopedConnection& connection, std::string_view id);

}  // namespace chatbot::store
