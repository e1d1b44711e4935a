// The starts that wait for a workflow's round to end, in the order in which they came.
//
// Statements as in statements.h: within the transaction and the scope of their connection. A start
// that waits has the number of the round that it will be.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/condition.h"
#include "chatbot/model.h"
#include "database/scoped.h"
#include "store/engine_store.h"

namespace chatbot::store {

struct QueuedRound {
  std::int64_t round = 0;
  std::string userId;  // who has asked for it
  UserInput input;
};

std::int64_t countQueued(database::ScopedConnection& connection, std::string_view workflowId);

// `runner` is the store that begins it.
void insertQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  const QueuedRound& queued, std::int64_t runner);

// The first that waits; nothing while the workflow's round is running, or where it is another
// runner's to begin.
std::optional<QueuedRound> selectNextQueued(database::ScopedConnection& connection,
                                            std::string_view workflowId, std::int64_t runner);

void deleteQueued(database::ScopedConnection& connection, std::string_view workflowId,
                  std::int64_t round);

// All that wait for the workflow.
void deleteQueue(database::ScopedConnection& connection, std::string_view workflowId);

// The starts that this runner may begin.
std::vector<ReadyStart> selectReadyStarts(database::ScopedConnection& connection,
                                          std::int64_t runner);

// Whether any start waits that this runner will begin.
bool hasQueued(database::ScopedConnection& connection, std::int64_t runner);

// Whether runners have left any that are gone, or that the database does not know.
bool hasAbandonedQueue(database::ScopedConnection& connection, std::span<const std::int64_t> gone);

// Gives `runner` what runners have left that are gone, or that the database does not know.
void adoptQueued(database::ScopedConnection& connection, std::int64_t runner,
                 std::span<const std::int64_t> gone);

// A condition on the column `runner`: one of `gone`, or one that the database does not know.
SqlCondition abandonedBy(std::span<const std::int64_t> gone);

}  // namespace chatbot::store
