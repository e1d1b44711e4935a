#include "engine/maintenance.h"

#include <cstddef>
#include <exception>

namespace chatbot::engine {
namespace {

constexpr std::size_t kPortion = 64;   // items at once: other writers wait for them
constexpr std::size_t kPortions = 20;  // in a pass

}  // namespace

void Maintenance::pass() noexcept {
  try {
    keepAlive();
    parts_.peers->lookAtAll();
    for (std::size_t portion = 0; portion < kPortions && !stopped_; ++portion) {
      if (!doPortion()) return;
    }
  } catch (const std::exception&) {
    // The store is away: the next pass tries all of it again.
  }
}

// Rules and waiting starts come first, because callers wait for them; the rest may take long.
// Returns whether there may be more to do.
bool Maintenance::doPortion() {
  if (parts_.rules->refresh()) parts_.streams->revalidate();
  parts_.starter->beginQueued();
  const bool mayHaveItems = parts_.store->sweepRemoved(kPortion);
  const bool mayHaveKeys = parts_.store->sweepStartKeys(kPortion);
  return parts_.store->indexMessages(kPortion) > 0 || mayHaveItems || mayHaveKeys;
}

// Peers take this instance for dead unless it renews its lease while it has anything to lose.
void Maintenance::keepAlive() {
  const bool isNeeded = !parts_.rounds->registry().isEmpty() || parts_.starter->mayHaveQueued();
  if (isNeeded || parts_.store->isShared()) parts_.store->renewLease();
  const Instant now = parts_.environment->now();
  if (now < nextRecovery_) return;
  nextRecovery_ = now + lease_ / 10;
  recover();
}

void Maintenance::recover() {
  parts_.rounds->recovery().recover();
  if (parts_.store->hasQueued(Scope::system())) parts_.starter->lookForQueued();
}

}  // namespace chatbot::engine
