// Starts: how a caller's request for a round begins it, waits or is refused, within the transaction
// of its caller.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "chatbot/environment.h"
#include "store/connections.h"
#include "store/engine_store.h"
#include "store/membership.h"
#include "store/round_writer.h"

namespace chatbot::store {

// The start that this caller has made with the key before, whose life is not over `now`.
std::optional<Start> earlierStart(ScopedConnection& rows, const Identity& caller,
                                  const StartKey& key, double now);

// Used by the thread that writes, in one transaction at a time.
class Starts {
 public:
  Starts(std::shared_ptr<Environment> environment, Membership& membership, RoundWriter& rounds)
      : environment_(std::move(environment)), membership_(membership), rounds_(rounds) {}

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
  Membership& membership_;
  RoundWriter& rounds_;
};

}  // namespace chatbot::store
