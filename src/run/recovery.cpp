#include "run/recovery.h"

#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "base/message.h"
#include "base/scheduler.h"

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

namespace {

// How long after an unknown outcome a round may still appear in the store.
constexpr std::chrono::minutes kExpected{2};

// A start that is under way has a round that nobody answers yet, too.
constexpr std::chrono::seconds kUnanswered{5};

}  // namespace

Recovery::Recovery(std::shared_ptr<store::EngineStore> store,
                   std::shared_ptr<Environment> environment, LogFunction log,
                   const RoundRegistry& registry, const RoundEnd& end)
    : store_(std::move(store)),
      environment_(std::move(environment)),
      log_(std::move(log)),
      registry_(registry),
      end_(end) {}

void Recovery::recover() {
  const std::array<ItemContent, 1> items = {failureLog(kInterrupted)};
  for (const RoundKey& round : store_->reclaim(Scope::system(), items)) {
    logRound(log_, LogLevel::warning, "a round that was left running was ended", round);
  }
  if (environment_->now() < expectedUntil_.load()) endUnowned();
}

void Recovery::expectUnowned() noexcept { expectedUntil_ = environment_->now() + kExpected; }

void Recovery::endUnowned() {
  std::vector<RoundKey> unanswered = store_->ownRounds(Scope::system());
  std::erase_if(unanswered, [this](const RoundKey& round) { return registry_.isAnswered(round); });
  for (const RoundKey& round : overdue(unanswered, environment_->now())) {
    logRound(log_, LogLevel::warning, "a round that nobody answers was ended", round);
    end_.tryNow(Scope::system(), round, kInterrupted);
  }
}

std::vector<RoundKey> Recovery::overdue(std::span<const RoundKey> unanswered, Instant now) {
  std::map<std::pair<std::string, std::int64_t>, Instant> seenAt;
  std::vector<RoundKey> overdue;
  for (const RoundKey& round : unanswered) {
    const std::pair key(round.workflowId, round.round);
    const auto seen = seenAt_.find(key);
    const Instant first = seen == seenAt_.end() ? now : seen->second;
    seenAt.emplace(key, first);
    if (now - first >= kUnanswered) overdue.push_back(round);
  }
  seenAt_ = std::move(seenAt);
  return overdue;
}

}  // namespace chatbot::run
