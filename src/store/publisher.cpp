#include "store/publisher.h"

namespace chatbot::store {

void Publisher::publish(Changes& changes) noexcept {
  if (changes.heartbeatAt) membership_.heartbeatCommitted(*changes.heartbeatAt);
  lists_.record(changes.rows);
  for (const CommittedChange& change : changes.published) peers_.announce(change.workflowId);
  if (!listener_) return;
  for (const CommittedChange& change : changes.published) {
    listener_({.workflowId = change.workflowId,
               .lastSeq = change.lastSeq,
               .round = change.round,
               .status = change.status,
               .finishesDraft = change.finishesDraft,
               .removed = change.removed,
               .items = change.items});
  }
}

}  // namespace chatbot::store
