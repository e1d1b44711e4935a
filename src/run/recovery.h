// Rounds that nobody answers any more: how they end as failed, and how those are found that run in
// the store without a turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/scheduler.h"
#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/model.h"
#include "chatbot/store.h"
#include "run/round_registry.h"
#include "store/engine_store.h"

namespace chatbot::run {

inline constexpr const char* kInterrupted = "The round was interrupted before it had ended";

// The item that tells clients why a round has failed.
Log failureLog(std::string_view safeText);

void logRound(const LogFunction& log, LogLevel level, std::string_view message,
              const RoundKey& round);

// Any thread. Holds no lock and no state.
class RoundEnd {
 public:
  RoundEnd(std::shared_ptr<Store> store, std::shared_ptr<base::Timers> timers,
           std::shared_ptr<Environment> environment, LogFunction log);

  // Whether the store has taken it; also where the round was over.
  bool tryNow(const Scope& scope, const RoundKey& round,
              const std::string& safeText) const noexcept;

  // A timer tries until the store takes it or the timers are stopped; then the next open ends the
  // round. `draft`, which may be null, is held until then: with it the text that the
  // end keeps.
  void tryLater(const Scope& scope, const RoundKey& round, const std::string& safeText,
                std::shared_ptr<const void> draft) const noexcept;

 private:
  static bool end(Store& store, const Scope& scope, const RoundKey& round,
                  const std::string& safeText) noexcept;

  const std::shared_ptr<Store> store_;
  const std::shared_ptr<base::Timers> timers_;
  const std::shared_ptr<Environment> environment_;
  const LogFunction log_;
};

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
