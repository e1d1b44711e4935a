// Rounds that run in the store without a turn: those that dead instances have left, and unowned
// ones.
//
// An unowned round was begun by a start whose outcome could not be known, and which was therefore
// refused: nobody answers it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "run/round_end.h"
#include "run/round_registry.h"
#include "store/engine_store.h"

namespace chatbot::run {

class Recovery {
 public:
  // `registry` and `end` outlive it.
  Recovery(std::shared_ptr<store::EngineStore> store, std::shared_ptr<Environment> environment,
           LogFunction log, const RoundRegistry& registry, const RoundEnd& end);

  // Ends the rounds of dead instances, and unowned ones. One thread at a time.
  void recover();

  // A start has thrown outcomeUnknown. From now on there may be unowned rounds, for a while: the
  // request that was sent may come to the store later. Any thread.
  void expectUnowned() noexcept;

 private:
  void endUnowned();
  std::vector<RoundKey> overdue(std::span<const RoundKey> unanswered, Instant now);

  const std::shared_ptr<store::EngineStore> store_;
  const std::shared_ptr<Environment> environment_;
  const LogFunction log_;
  const RoundRegistry& registry_;
  const RoundEnd& end_;
  std::atomic<Instant> expectedUntil_{Instant{}};
  // When each unanswered round was seen first. Of the thread in recover().
  std::map<std::pair<std::string, std::int64_t>, Instant> seenAt_;
};

}  // namespace chatbot::run
