// The table `item`: the log of each workflow, one row an item, with the JSON that goes on the wire.
//
// Statements run within the transaction and the scope of their connection. Items belong to their
// workflow's tenant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/model.h"
#include "chatbot/store.h"
#include "store/scoped.h"

namespace chatbot::store {

// The content with all the ids that it still lacks.
ItemContent identified(Environment& environment, ItemContent content);
std::vector<ItemContent> identified(Environment& environment, std::span<const ItemContent> items);

// Returns the item as it was stored.
std::shared_ptr<const Item> insertItem(ScopedConnection& connection, const ItemContent& content,
                                       const ItemPlace& place);

struct ItemRange {
  std::int64_t afterSeq = 0;
  std::size_t limit = 0;
  std::size_t maxBytes = 0;  // stops once the texts have reached it, but not before one item
};
std::vector<Item> selectItems(ScopedConnection& connection, std::string_view workflowId,
                              const ItemRange& range);

// As Store::messagesBefore.
std::vector<Item> selectMessagesBefore(ScopedConnection& connection, std::string_view workflowId,
                                       std::int64_t round, const MessageLimits& limits);

// Whether the message `messageId` stands behind the place `afterSeq`.
bool hasMessage(ScopedConnection& connection, std::string_view workflowId, std::int64_t afterSeq,
                std::string_view messageId);

}  // namespace chatbot::store
