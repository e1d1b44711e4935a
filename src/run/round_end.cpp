#include "run/round_end.h"

#include <array>
#include <exception>
#include <utility>

#include "base/log_line.h"
#include "base/retry.h"

namespace chatbot::run {

Log failureLog(std::string_view safeText) {
  Log log;
  log.message = safeText;
  log.type = "error";
  log.status = "error";
  return log;
}

void logRound(const LogFunction& log, LogLevel level, std::string_view message,
              const RoundKey& round) {
  base::logLine(log, level, message,
                {{"workflow", round.workflowId}, {"round", std::to_string(round.round)}});
}

RoundEnd::RoundEnd(std::shared_ptr<Store> store, std::shared_ptr<base::Timers> timers,
                   std::shared_ptr<Environment> environment, LogFunction log)
    : store_(std::move(store)),
      timers_(std::move(timers)),
      environment_(std::move(environment)),
      log_(std::move(log)) {}

bool RoundEnd::end(Store& store, const Scope& scope, const RoundKey& round,
                   const std::string& safeText) noexcept {
  try {
    store.endRound(scope, round, WorkflowStatus::error,
                   std::array<ItemContent, 1>{failureLog(safeText)});
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool RoundEnd::tryNow(const Scope& scope, const RoundKey& round,
                      const std::string& safeText) const noexcept {
  return end(*store_, scope, round, safeText);
}

// The task holds the store, not this: the engine may be gone before the timers drop it.
void RoundEnd::tryLater(const Scope& scope, const RoundKey& round, const std::string& safeText,
                        std::shared_ptr<const void> draft) const noexcept {
  try {
    base::retryLater(*timers_, *environment_,
                     [store = store_, scope, round, safeText, draft = std::move(draft)] {
                       return end(*store, scope, round, safeText);
                     });
  } catch (const std::exception&) {
    logRound(log_, LogLevel::error, "a round could not be ended; the next open will", round);
  }
}

}  // namespace chatbot::run
