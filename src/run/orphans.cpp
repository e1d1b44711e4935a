#include "run/orphans.h"

#include <chrono>

namespace chatbot::run {
namespace {

constexpr std::chrono::minutes kExpected{2};
constexpr std::chrono::seconds kUnanswered{5};

}  // namespace

void Orphans::expect(Instant now) noexcept { until_ = now + kExpected; }

bool Orphans::mayBe(Instant now) const noexcept { return now < until_.load(); }

std::vector<RoundKey> Orphans::among(std::span<const RoundKey> unanswered, Instant now) {
  std::map<std::pair<std::string, std::int64_t>, Instant> seenAt;
  std::vector<RoundKey> orphans;
  for (const RoundKey& round : unanswered) {
    const std::pair key(round.workflowId, round.round);
    const auto seen = seenAt_.find(key);
    const Instant first = seen == seenAt_.end() ? now : seen->second;
    seenAt.emplace(key, first);
    if (now - first >= kUnanswered) orphans.push_back(round);
  }
  seenAt_ = std::move(seenAt);
  return orphans;
}

}  // namespace chatbot::run
