#include "store/log_append.h"

#include <type_traits>
#include <utility>

#include "store/statements.h"

namespace chatbot::store {
namespace {

constexpr const char* kStopped = "Stopped before it was finished";
constexpr const char* kInterrupted = "Interrupted before it was finished";

template <typename T>
void identify(Environment& environment, T& item) {
  if (item.id.empty()) item.id = newId(environment);
  if constexpr (std::is_same_v<T, Message>) {
    for (Document& document : item.documents) identify(environment, document);
    for (Document& document : item.documents) document.messageId = item.id;
  }
}

ItemPlace newestPlaceOf(const Workflow& workflow) {
  return {.workflowId = workflow.id,
          .seq = workflow.lastSeq,
          .round = workflow.currentRound,
          .createdAt = workflow.lastActivity};
}

}  // namespace

ItemContent identified(Environment& environment, ItemContent content) {
  std::visit([&](auto& item) { identify(environment, item); }, content);
  return content;
}

std::vector<ItemContent> identified(Environment& environment, std::span<const ItemContent> items) {
  std::vector<ItemContent> owned;
  owned.reserve(items.size());
  for (const ItemContent& item : items) owned.push_back(identified(environment, item));
  return owned;
}

CommittedChange appendFirst(database::ScopedConnection& connection, const Workflow& workflow,
                            const ItemContent& first) {
  return {.workflowId = workflow.id,
          .lastSeq = workflow.lastSeq,
          .round = workflow.currentRound,
          .status = workflow.status,
          .items = {insertItem(connection, first, newestPlaceOf(workflow))}};
}

std::optional<CommittedChange> appendTo(database::ScopedConnection& connection,
                                        const RoundKey& round, std::span<const ItemContent> items,
                                        double now) {
  const std::optional<std::int64_t> lastSeq = extendRound(connection, round, items.size(), now);
  if (!lastSeq) return std::nullopt;
  CommittedChange change{.workflowId = round.workflowId, .lastSeq = *lastSeq, .round = round.round};
  change.items.reserve(items.size());
  ItemPlace place{.workflowId = round.workflowId,
                  .seq = *lastSeq - static_cast<std::int64_t>(items.size()),
                  .round = round.round,
                  .createdAt = now};
  for (const ItemContent& item : items) {
    ++place.seq;
    change.items.push_back(insertItem(connection, item, place));
  }
  return change;
}

std::optional<Message> messageOf(const std::optional<Draft>& draft, WorkflowStatus status) {
  if (!draft || draft->text.empty()) return std::nullopt;
  const bool finished = status == WorkflowStatus::completed;
  Message message;
  message.id = draft->messageId;
  message.parentMessageId = draft->parentMessageId;
  message.message = draft->text;
  message.status = "last";
  message.success = finished;
  if (!finished) message.summary = status == WorkflowStatus::stopped ? kStopped : kInterrupted;
  return message;
}

}  // namespace chatbot::store
