#include "store/peer_link.h"

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

}  // namespace chatbot::store
