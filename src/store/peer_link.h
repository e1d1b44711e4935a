// The way between the stores on one database, where it has one: each announces its changes, and
// hears those of its peers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "database/database.h"

namespace chatbot::store {

// Any thread. A store that listens to nobody announces nothing either: the database's channel is
// opened with the first listener.
class PeerLink {
 public:
  using Listener = std::function<void(std::string_view workflowId)>;

  explicit PeerLink(std::shared_ptr<database::Database> database)
      : database_(std::move(database)) {}

  // An empty listener takes the earlier one back and waits for a call that is under way.
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

}  // namespace chatbot::store
