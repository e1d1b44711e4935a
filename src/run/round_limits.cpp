#include "run/round_limits.h"

#include <fmt/format.h>

#include "base/text_key.h"
#include "chatbot/error.h"

namespace chatbot::run {
namespace {

constexpr int kRetryAfterSeconds = 5;

[[noreturn]] void refuseRound(const std::string& reason) {
  throw Error(ErrorCode::unavailable, reason).withRetryAfter(kRetryAfterSeconds);
}

}  // namespace

RoundLimits::Ticket RoundLimits::enter(std::string_view mandateId, std::string_view userId,
                                       std::optional<Ticket> replaces) {
  const Entry entry = count(mandateId, userId);
  try {
    const auto replaced = replaces ? running_.find(*replaces) : running_.end();
    const bool isOwn = replaced != running_.end() && replaced->second.user == entry.user;
    const char* const reached = limitReachedBy(entry, isOwn ? 1 : 0);
    if (reached != nullptr && options_.maxWaiting == 0) refuseRound(reached);
    if (reached != nullptr && waiting_.size() >= options_.maxWaiting) {
      refuseRound(fmt::format("{}, and too many wait for a place", reached));
    }
    (reached == nullptr ? running_ : waiting_).emplace(lastTicket_ + 1, entry);
    if (reached == nullptr) run(entry);
  } catch (...) {
    forget(entry);
    throw;
  }
  return ++lastTicket_;
}

std::optional<RoundLimits::Ticket> RoundLimits::leave(Ticket ticket) noexcept {
  if (const auto waited = waiting_.extract(ticket)) {
    forget(waited.mapped());
    return std::nullopt;
  }
  const auto ran = running_.extract(ticket);
  if (!ran) return std::nullopt;
  const Entry& entry = ran.mapped();
  --entry.user->second.running;
  if (entry.mandate != nullptr) --entry.mandate->second.running;
  forget(entry);
  return admitNext();
}

// One place is free: at most one of those that wait can take it.
std::optional<RoundLimits::Ticket> RoundLimits::admitNext() noexcept {
  for (auto next = waiting_.begin(); next != waiting_.end(); ++next) {
    if (limitReachedBy(next->second, 0) != nullptr) continue;
    const Ticket ticket = next->first;
    run(next->second);
    running_.insert(waiting_.extract(next));
    return ticket;
  }
  return std::nullopt;
}

// `leaving` of the rounds that run, in all and of the entry's mandate and user, do not count.
const char* RoundLimits::limitReachedBy(const Entry& entry, std::size_t leaving) const noexcept {
  if (running_.size() - leaving >= options_.maxRounds) return "Too many running rounds";
  if (entry.user->second.running - leaving >= options_.maxPerUser) {
    return "Too many running rounds of this user";
  }
  if (entry.mandate == nullptr) return nullptr;
  if (entry.mandate->second.running - leaving < options_.maxPerMandate) return nullptr;
  return "Too many running rounds of this mandate";
}

void RoundLimits::run(const Entry& entry) noexcept {
  ++entry.user->second.running;
  if (entry.mandate != nullptr) ++entry.mandate->second.running;
}

RoundLimits::Entry RoundLimits::count(std::string_view mandateId, std::string_view userId) {
  Counted& user = *users_.try_emplace(base::ownerKey(mandateId, userId)).first;
  Counted* mandate = nullptr;
  ++user.second.entries;
  try {
    if (!mandateId.empty()) mandate = &*mandates_.try_emplace(std::string(mandateId)).first;
  } catch (...) {
    forget({.mandate = nullptr, .user = &user});
    throw;
  }
  if (mandate != nullptr) ++mandate->second.entries;
  return {.mandate = mandate, .user = &user};
}

void RoundLimits::forget(const Entry& entry) noexcept {
  if (--entry.user->second.entries == 0) users_.erase(users_.find(entry.user->first));
  if (entry.mandate == nullptr || --entry.mandate->second.entries > 0) return;
  mandates_.erase(mandates_.find(entry.mandate->first));
}

}  // namespace chatbot::run
