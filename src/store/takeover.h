// Taking over from runners that are gone (see store/presence.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/store.h"
#include "store/presence.h"
#include "store/round_writer.h"
#include "store/transaction.h"

namespace chatbot::store {

class Takeover {
 public:
  Takeover(std::shared_ptr<Environment> environment, Presence& presence, RoundWriter& rounds)
      : environment_(std::move(environment)), presence_(presence), rounds_(rounds) {}

  struct Portion {
    bool mayBeMore = false;
    std::vector<RoundKey> ended;
  };

  // Ends some of their rounds with `items`; behind the last of them, adopts their starts that wait.
  // In portions, for meanwhile nobody here can write, nor say that this store lives.
  Portion takeOver(Transaction& transaction, std::span<const ItemContent> items);

 private:
  const std::shared_ptr<Environment> environment_;
  Presence& presence_;
  RoundWriter& rounds_;
};

}  // namespace chatbot::store
