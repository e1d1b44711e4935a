// The table `round_queue`: the starts that wait for a workflow's round to end, in the order in
// which they came. A start that waits has the number of the round that it will be.
//
// Statements run within the transaction and the scope of their connection.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "store/engine_store.h"
#include "store/scoped.h"

namespace chatbot::store {

struct QueuedRound {
  std::int64_t round = 0;
  std::string userId;  // who has asked for it
  UserInput input;
};

std::int64_t countQueued(ScopedConnection& connection, std::string_view workflowId);

// `instance` is the store that begins it.
void insertQueued(ScopedConnection& connection, std::string_view workflowId,
                  const QueuedRound& queued, std::int64_t instance);

// The first start that waits for the workflow; nothing while its round is running, or where another
// instance is to begin the start.
std::optional<QueuedRound> selectNextQueued(ScopedConnection& connection,
                                            std::string_view workflowId, std::int64_t instance);

void deleteQueued(ScopedConnection& connection, std::string_view workflowId, std::int64_t round);

// Deletes all starts that wait for the workflow.
void deleteQueue(ScopedConnection& connection, std::string_view workflowId);

// The starts that this instance may begin.
std::vector<ReadyStart> selectReadyStarts(ScopedConnection& connection, std::int64_t instance);

// Whether any start waits that this instance will begin.
bool hasQueued(ScopedConnection& connection, std::int64_t instance);

// Whether any start was left by the `dead` instances, or by ones that the database does not know.
bool hasAbandonedQueue(ScopedConnection& connection, std::span<const std::int64_t> dead);

// Gives the starts that the `dead` instances have left to `instance`.
void adoptQueued(ScopedConnection& connection, std::int64_t instance,
                 std::span<const std::int64_t> dead);

}  // namespace chatbot::store
