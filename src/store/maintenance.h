// Maintenance of an open store: heartbeats, the rounds of dead instances, the message index, and
// the remains of removed workflows and old start keys.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "store/connections.h"
#include "store/engine_store.h"
#include "store/membership.h"
#include "store/round_writer.h"

namespace chatbot::store {

// Any thread. The functions are those of Store and EngineStore that have their names.
class Maintenance {
 public:
  struct Parts {
    std::shared_ptr<Environment> environment;
    LogFunction log;
    Connections& connections;
    Membership& membership;
    RoundWriter& rounds;
    bool isShared = false;  // peers on other machines may have the database open
    std::chrono::milliseconds lease;
  };
  explicit Maintenance(Parts parts) : parts_(std::move(parts)) {}

  bool maintain(std::size_t limit);

  void renewLease();
  bool hasPeers();
  std::vector<RoundKey> reclaim(const Scope& scope, std::span<const ItemContent> items);

  std::size_t indexMessages(std::size_t limit);
  bool sweepRemoved(std::size_t limit);
  bool sweepStartKeys(std::size_t limit);

  // Indexes a few of the caller's newest messages before a search, so that it finds what the caller
  // has just said. In a store that cannot be written, or not at once, it finds what is indexed.
  void indexForSearch(const Scope& scope);

 private:
  // The rounds that one transaction has ended.
  struct Reclaimed {
    bool mayBeMore = false;
    std::vector<RoundKey> ended;
  };
  Reclaimed reclaimSome(Transaction& transaction, std::span<const ItemContent> items);
  bool mayHaveAbandoned(const Scope& scope);
  bool hasPendingIn(const Scope& scope);
  bool needsLease();
  bool isReclaimDue();

  const Parts parts_;
  std::atomic<Instant> nextReclaim_{Instant{}};  // of maintain()
};

}  // namespace chatbot::store
