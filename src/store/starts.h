// What a caller's request for a round comes to, within the transaction of its caller.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "chatbot/environment.h"
#include "store/engine_store.h"
#include "store/presence.h"
#include "store/round_writer.h"
#include "store/transaction.h"

namespace chatbot::store {

// The start that this caller has made with the key before, whose life is not over `now`.
std::optional<Start> earlierStart(database::ScopedConnection& rows, const Identity& caller,
                                  const StartKey& key, double now);

// One at a time, as transactions are.
class Starts {
 public:
  Starts(std::shared_ptr<Environment> environment, Presence& presence, RoundWriter& rounds)
      : environment_(std::move(environment)), presence_(presence), rounds_(rounds) {}

  Start start(Transaction& transaction, const StartRequest& request);

  // Begins the first start that waits for the workflow; nothing where its round is running.
  std::optional<DequeuedStart> beginQueued(Transaction& transaction, std::string_view id);

 private:
  Start create(Transaction& transaction, const StartRequest& request);
  Start goOn(Transaction& transaction, const StartRequest& request);
  Start begin(Transaction& transaction, const StartRequest& request);
  Start interrupt(Transaction& transaction, const StartRequest& request, const Workflow& running);
  Start enqueue(Transaction& transaction, const StartRequest& request, const Workflow& workflow);
  Message firstMessage(const UserInput& input) const;
  ItemContent firstItem(const StartRequest& request) const;
  void keep(Transaction& transaction, const StartRequest& request, const Start& start);

  const std::shared_ptr<Environment> environment_;
  Presence& presence_;
  RoundWriter& rounds_;
};

}  // namespace chatbot::store
