#include "engine/stream_opener.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

#include "chatbot/error.h"

namespace chatbot::engine {
namespace {

constexpr std::int64_t kUnknownLength = std::numeric_limits<std::int64_t>::max();

}  // namespace

StreamOpener::StreamOpener(std::shared_ptr<store::EngineStore> store,
                           std::shared_ptr<stream::Hub> streams, std::shared_ptr<SharedRules> rules,
                           const run::RoundRegistry& rounds)
    : store_(std::move(store)),
      streams_(std::move(streams)),
      rules_(std::move(rules)),
      rounds_(rounds) {}

std::unique_ptr<Stream> StreamOpener::open(const Identity& caller, StreamHub::Slot slot,
                                           const Workflow& workflow, StreamStart start) const {
  const auto mayRead = [rules = rules_, caller, mandateId = workflow.mandateId,
                        createdBy = workflow.createdBy] {
    return rules->get().allows(caller, kWorkflowTable, Operation::read, mandateId, createdBy);
  };
  const Scope scope = rules_->get().scope(caller, kWorkflowTable, Operation::read);
  return streams_->open(std::move(slot), scope, workflow.id, start, mayRead);
}

// A peer may be writing the draft: its readers may have been shown more than is stored.
std::optional<stream::DraftExtent> StreamOpener::draftExtent(std::string_view workflowId) const {
  const std::optional<stream::DraftExtent> own = streams_->draftExtent(workflowId);
  if (own || rounds_.find(workflowId) != nullptr || !store_->hasPeers()) return own;
  return stream::DraftExtent{.afterSeq = 0, .length = kUnknownLength};
}

// A position in a draft exists while that draft, or a longer log, does.
void StreamOpener::checkExists(const Position& position, const Workflow& workflow,
                               const std::optional<stream::DraftExtent>& draft, Deltas deltas) {
  const std::int64_t offset = position.offset.value_or(0);
  const bool isRunning = workflow.status == WorkflowStatus::running;
  const bool inDraft = draft && isRunning && draft->afterSeq <= position.seq;
  const bool exists = position.seq < workflow.lastSeq ||
                      (position.seq == workflow.lastSeq && (inDraft || offset == 0));
  if (exists && !(inDraft && offset > draft->length)) return;
  Position newest{.seq = workflow.lastSeq};
  const bool isKnown = draft && draft->length != kUnknownLength;
  if (isKnown && deltas == Deltas::shown) newest.offset = draft->length;
  throw Error(ErrorCode::conflict, fmt::format("Place {} does not exist yet; the newest is {}",
                                               toText(position), toText(newest)));
}

}  // namespace chatbot::engine
