// The store's statements, each written once.
//
// All run within the transaction of their connection. Rows outside a scope do not exist for them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "chatbot/access.h"
#include "chatbot/model.h"
#include "chatbot/query.h"
#include "chatbot/store.h"
#include "store/driver.h"

namespace chatbot::store {

std::optional<Workflow> selectWorkflow(Connection& connection, const Scope& scope,
                                       std::string_view id);

// Which workflows, and in which order.
struct Selection {
  const Scope& scope;
  std::string_view mode;
  const PageQuery& query;
};

std::int64_t countWorkflows(Connection& connection, const Selection& selection);

// At most `limit` after the first `offset`; a negative limit: all.
std::vector<Workflow> selectWorkflows(Connection& connection, const Selection& selection,
                                      std::int64_t limit, std::int64_t offset);

struct ItemRange {
  std::int64_t afterSeq = 0;
  std::size_t limit = 0;
  std::size_t maxBytes = 0;  // stops once the texts have reached it, but not before one item
};
std::vector<Item> selectItems(Connection& connection, std::string_view workflowId,
                              const ItemRange& range);

std::vector<Item> selectMessagesBefore(Connection& connection, std::string_view workflowId,
                                       std::int64_t round);

std::vector<RoundKey> selectRunningRounds(Connection& connection);

void insertWorkflow(Connection& connection, const Workflow& workflow);

// Returns the item as it was stored.
std::shared_ptr<const Item> insertItem(Connection& connection, const ItemContent& content,
                                       const ItemPlace& place);

// Gives the running round `count` more places. Returns the last of them; nothing when the round is
// over.
std::optional<std::int64_t> extendRound(Connection& connection, const RoundKey& round,
                                        std::size_t count, double now);

// Gives a workflow, running or not, one more place, and returns it.
std::int64_t extendLog(Connection& connection, std::string_view id);

// A change of a workflow's state. Each returns the row as it is afterwards; nothing where no row of
// the scope is in the state that it starts from.
std::optional<Workflow> updateToNextRound(Connection& connection, const Scope& scope,
                                          std::string_view id, double now);
std::optional<Workflow> updateToStopped(Connection& connection, const Scope& scope,
                                        std::string_view id, double now);
std::optional<Workflow> updateName(Connection& connection, const Scope& scope, std::string_view id,
                                   std::string_view name);
void updateToEnded(Connection& connection, const RoundKey& round, WorkflowStatus status,
                   double now);

std::optional<Draft> selectDraft(Connection& connection, std::string_view workflowId);

// Stores a draft in the place of the workflow's earlier one, unless its round is over.
void upsertDraft(Connection& connection, const Draft& draft);

// Whether the message that a draft becomes was appended.
bool isInLog(Connection& connection, const Draft& draft);

void deleteDraft(Connection& connection, std::string_view workflowId);

bool deleteWorkflow(Connection& connection, const Scope& scope, std::string_view id);

}  // namespace chatbot::store
