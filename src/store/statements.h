// The store's statements on tenants' rows, each written once.
//
// All run within the transaction and the scope of their connection: rows outside the scope do not
// exist for them. Items and drafts belong to their workflow's tenant.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/model.h"
#include "chatbot/query.h"
#include "database/scoped.h"
#include "store/engine_store.h"

namespace chatbot::store {

std::optional<Workflow> selectWorkflow(database::ScopedConnection& connection, std::string_view id);

// The same in a transaction that goes on from what it has found: until its end nobody else changes
// the workflow.
std::optional<Workflow> lockWorkflow(database::ScopedConnection& connection, std::string_view id);

// Those of `ids` that there are.
std::vector<Workflow> selectWorkflowsOf(database::ScopedConnection& connection,
                                        std::span<const std::string> ids);

// Which workflows, and in which order.
struct Selection {
  std::string_view mode;
  const PageQuery& query;
};

// The order of a list whose client asked for none.
const std::vector<SortKey>& newestFirst();

std::int64_t countWorkflows(database::ScopedConnection& connection, const Selection& selection);

inline constexpr std::int64_t kEveryRow = std::numeric_limits<std::int64_t>::max();

struct WorkflowRange {
  std::int64_t limit = 0;   // or kEveryRow
  std::int64_t offset = 0;  // of the rows after the query's position, if it has one
  Direction direction = Direction::forward;  // backward: from the last row on
};
std::vector<Workflow> selectWorkflows(database::ScopedConnection& connection,
                                      const Selection& selection, const WorkflowRange& range);

struct ItemRange {
  std::int64_t afterSeq = 0;
  std::size_t limit = 0;
  std::size_t maxBytes = 0;  // stops once the texts have reached it, but not before one item
};
std::vector<Item> selectItems(database::ScopedConnection& connection, std::string_view workflowId,
                              const ItemRange& range);

std::vector<Item> selectMessagesBefore(database::ScopedConnection& connection,
                                       std::string_view workflowId, std::int64_t round,
                                       const MessageLimits& limits);

std::vector<RoundKey> selectRunningRounds(database::ScopedConnection& connection);

// The running rounds of `gone` and of runners that the database does not know.
std::vector<RoundKey> selectAbandonedRounds(database::ScopedConnection& connection,
                                            std::span<const std::int64_t> gone, std::size_t limit);

// The running ones of a runner.
std::vector<RoundKey> selectRoundsOf(database::ScopedConnection& connection, std::int64_t runner);

// `runner` is the store that runs the workflow's round, 0 for none. False where the scope does not
// allow the row: then nothing was inserted.
bool insertWorkflow(database::ScopedConnection& connection, const Workflow& workflow,
                    std::int64_t runner);

// Returns the item as it was stored.
std::shared_ptr<const Item> insertItem(database::ScopedConnection& connection,
                                       const ItemContent& content, const ItemPlace& place);

// Gives the running round `count` more places. Returns the last of them; nothing when the round is
// over. The workflow's lastActivity follows by the second; the round's end sets it exactly.
std::optional<std::int64_t> extendRound(database::ScopedConnection& connection,
                                        const RoundKey& round, std::size_t count, double now);

// A change of a workflow's state. Each returns the row as it is afterwards; nothing where no row of
// the scope is in the state that it starts from. The next round is not begun while a start that
// came before waits for it.
std::optional<Workflow> updateToNextRound(database::ScopedConnection& connection,
                                          std::string_view id, std::int64_t runner, double now);
std::optional<Workflow> updateToEnded(database::ScopedConnection& connection, const RoundKey& round,
                                      WorkflowStatus status, double now);
std::optional<Workflow> updateName(database::ScopedConnection& connection, std::string_view id,
                                   std::string_view name);
std::optional<Workflow> updateNameInRound(database::ScopedConnection& connection,
                                          const RoundKey& round, std::string_view name);

std::optional<Draft> selectDraft(database::ScopedConnection& connection,
                                 std::string_view workflowId);

// How much of a draft is stored.
std::size_t storedBytes(database::ScopedConnection& connection, const Draft& draft);

// Stores a draft in the place of the workflow's earlier one, unless its round is over. Of one that
// has grown, what is new: a message's draft does nothing but grow.
void upsertDraft(database::ScopedConnection& connection, const Draft& draft);

// Whether the message that a draft becomes was appended.
bool isInLog(database::ScopedConnection& connection, const Draft& draft);

void deleteDraft(database::ScopedConnection& connection, std::string_view workflowId);

// With all that belongs to it but its items, which are swept (see store/removal.h).
bool deleteWorkflow(database::ScopedConnection& connection, std::string_view id);

}  // namespace chatbot::store
