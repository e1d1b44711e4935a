// Appending to a workflow's log, within the transaction of its caller.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/model.h"
#include "database/scoped.h"
#include "store/engine_store.h"
#include "store/writer.h"

namespace chatbot::store {

// The item with all the ids that it still lacks.
ItemContent identified(Environment& environment, ItemContent content);
std::vector<ItemContent> identified(Environment& environment, std::span<const ItemContent> items);

// The change that a workflow's first item of a round makes.
CommittedChange appendFirst(database::ScopedConnection& connection, const Workflow& workflow,
                            const ItemContent& first);

// Appends to a running round. Nothing where the round is over.
std::optional<CommittedChange> appendTo(database::ScopedConnection& connection,
                                        const RoundKey& round, std::span<const ItemContent> items,
                                        double now);

// What is kept of an open draft when its round ends with `status`. Nothing where there is no text.
std::optional<Message> messageOf(const std::optional<Draft>& draft, WorkflowStatus status);

}  // namespace chatbot::store
