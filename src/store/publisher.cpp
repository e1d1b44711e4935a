#include "store/publisher.h"

#include <utility>

namespace chatbot::store {

void PeerLink::listen(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
  if (channel_ != nullptr || !listener_) return;
  channel_ = database_->openWakeups([this](std::string_view id) { pass(id); });
  open_ = channel_.get();
}

bool PeerLink::hears() const noexcept {
  const database::Wakeups* channel = open_;
  return channel != nullptr && channel->areHeard();
}

void PeerLink::announce(std::string_view workflowId) noexcept {
  if (database::Wakeups* channel = open_) channel->announce(workflowId);
}

void PeerLink::close() noexcept {
  open_ = nullptr;
  channel_.reset();
}

void PeerLink::pass(std::string_view workflowId) {
  const std::lock_guard lock(mutex_);
  if (listener_) listener_(workflowId);
}

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
