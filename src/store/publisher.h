// Publishes committed changes: to the totals of lists, to the stores on the same database, and to
// the host's listener.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "chatbot/store.h"
#include "database/database.h"
#include "store/lists.h"
#include "store/membership.h"
#include "store/writer.h"

namespace chatbot::store {

// Connects the stores on one database, where it has a channel: each announces its changes, and
// hears those of its peers. Any thread. A store without a listener announces nothing either: the
// channel is opened with the first listener.
class PeerLink {
 public:
  using Listener = std::function<void(std::string_view workflowId)>;

  explicit PeerLink(std::shared_ptr<database::Database> database)
      : database_(std::move(database)) {}

  // Sets the listener. An empty one removes it, and waits for a call that is under way.
  void listen(Listener listener);

  // Whether announcements of peers arrive at this time.
  bool hears() const noexcept;

  void announce(std::string_view workflowId) noexcept;

  // Afterwards the listener is not called any more.
  void close() noexcept;

 private:
  void pass(std::string_view workflowId);

  const std::shared_ptr<database::Database> database_;
  std::mutex mutex_;   // held while the listener is called
  Listener listener_;  // guarded by mutex_
  std::unique_ptr<database::Wakeups> channel_;
  std::atomic<database::Wakeups*> open_ = nullptr;  // channel_, for calls without the lock
};

// Passes each committed change on. publish() runs on the thread that has committed, one at a time.
// The listener is set before the first write.
class Publisher {
 public:
  Publisher(Membership& membership, Lists& lists, PeerLink& peers)
      : membership_(membership), lists_(lists), peers_(peers) {}

  void onChange(std::function<void(const Change&)> listener) { listener_ = std::move(listener); }

  // Takes the changes apart. The totals come first, because the host may list within its
  // listener.
  void publish(Changes& changes) noexcept;

 private:
  Membership& membership_;
  Lists& lists_;
  PeerLink& peers_;
  std::function<void(const Change&)> listener_;
};

}  // namespace chatbot::store
