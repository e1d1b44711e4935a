// Tells of committed changes: the totals of lists, the peers, and the host's listener.
#pragma once

#include <functional>

#include "chatbot/store.h"
#include "store/lists.h"
#include "store/membership.h"
#include "store/peer_link.h"
#include "store/writer.h"

namespace chatbot::store {

// publish() runs on the thread that has committed, one at a time. The listener is set before the
// first write.
class Publisher {
 public:
  Publisher(Membership& membership, Lists& lists, PeerLink& peers)
      : membership_(membership), lists_(lists), peers_(peers) {}

  void onChange(std::function<void(const Change&)> listener) { listener_ = std::move(listener); }

  // Takes the changes apart. The totals come first, for the listener's host may list at once.
  void publish(Changes& changes) noexcept;

 private:
  Membership& membership_;
  Lists& lists_;
  PeerLink& peers_;
  std::function<void(const Change&)> listener_;
};

}  // namespace chatbot::store
