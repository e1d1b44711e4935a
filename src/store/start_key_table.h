// The table `start_key`: the starts that carried an idempotency key, so that a request that is sent
// twice starts once. Keys belong to their caller, a mandate's user, as rows do.
//
// Statements run within the transaction and the scope of their connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "chatbot/store.h"
#include "store/scoped.h"

namespace chatbot::store {

struct KeptStart {
  std::string fingerprint;
  std::string workflowId;
  std::int64_t round = 0;
  std::int64_t afterSeq = 0;
  std::optional<WorkflowStatus> ended{};
};

// The start that `caller` has made with the key, unless the life of the key is over at `now`
// (seconds since the epoch).
std::optional<KeptStart> selectStart(ScopedConnection& connection, const Identity& caller,
                                     std::string_view key, double now);

// Keeps others from starting anything with the key before the transaction ends.
void lockStartKey(ScopedConnection& connection, const Identity& caller, std::string_view key);

void upsertStart(ScopedConnection& connection, const Identity& caller, std::string_view key,
                 const KeptStart& start, double expiresAt);

// Stores how a round has ended, for a request with its key that comes when a later round has begun.
void updateEnded(ScopedConnection& connection, const RoundKey& round, WorkflowStatus ended);

// Deletes up to `limit` of those whose life is over. Returns how many.
std::size_t deleteExpiredStarts(ScopedConnection& connection, double now, std::size_t limit);

bool hasExpiredStarts(ScopedConnection& connection, double now);

}  // namespace chatbot::store
