// Rounds that nobody answers: begun by a start whose outcome could not be known, and which was
// therefore refused (see ErrorCode::outcomeUnknown).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/store.h"

namespace chatbot::run {

class Orphans {
 public:
  // From now on there may be some, for a while: what was sent may come to the store later. Any
  // thread.
  void expect(Instant now) noexcept;
  bool mayBe(Instant now) const noexcept;

  // Of running rounds that nobody answers, those that have been so for some seconds: a start that
  // is under way has a round, too, that nobody answers yet. One thread at a time.
  std::vector<RoundKey> among(std::span<const RoundKey> unanswered, Instant now);

 private:
  std::atomic<Instant> until_{Instant{}};
  std::map<std::pair<std::string, std::int64_t>, Instant> seenAt_;  // first, by workflow and round
};

}  // namespace chatbot::run
