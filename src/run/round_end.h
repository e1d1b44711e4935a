// The end of a round as failed, for rounds that nobody answers any more.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/scheduler.h"
#include "chatbot/environment.h"
#include "chatbot/log.h"
#include "chatbot/model.h"
#include "chatbot/store.h"

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

}  // namespace chatbot::run
