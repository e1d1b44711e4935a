// The starts that carried an idempotency key, so that a request that is sent twice starts once.
//
// Keys belong to their caller, a mandate's user, as rows do: statements as in statements.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chatbot/store.h"
#include "database/scoped.h"

namespace chatbot::store {

struct KeptStart {
  std::string fingerprint;
  std::string workflowId;
  std::int64_t round = 0;
  std::int64_t afterSeq = 0;
  std::optional<WorkflowStatus> ended{};
};

// What `caller` has started with the key since the moment `since` (seconds since the epoch).
std::optional<KeptStart> selectStart(database::ScopedConnection& connection, const Identity& caller,
                                     std::string_view key, double since);

// Keeps others from starting anything with the key before the transaction ends.
void lockStartKey(database::ScopedConnection& connection, const Identity& caller,
                  std::string_view key);

void upsertStart(database::ScopedConnection& connection, const Identity& caller,
                 std::string_view key, const KeptStart& start, double now);

// How a round has ended, for those that ask for it when a later one has begun.
void updateEnded(database::ScopedConnection& connection, const RoundKey& round,
                 WorkflowStatus ended);

// A few of those from before `since`: fewer than are added never remain for long.
void deleteOldStarts(database::ScopedConnection& connection, double since);

}  // namespace chatbot::store
