#include "openai/retry.h"

#include <fmt/format.h>

#include <algorithm>

namespace chatbot::openai {
namespace {

constexpr long kTooManyRequests = 429;
constexpr long kServerFault = 500;

bool passesByItself(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::unreachable:
    case Failure::Kind::silent:
    case Failure::Kind::empty:
    case Failure::Kind::cutOff:
      return true;
    case Failure::Kind::refused:
    case Failure::Kind::reported:
      return failure.status == kTooManyRequests || failure.status >= kServerFault;
    default:
      return false;
  }
}

// Doubles with each try, and takes a random part of its second half: rounds that have failed
// together do not come back together.
std::chrono::milliseconds backoff(int tries, const OpenAiOptions& options, std::uint64_t random) {
  std::chrono::milliseconds full = options.firstBackoff;
  for (int i = 1; i < tries && full < options.maxBackoff; ++i) full *= 2;
  full = std::min(full, options.maxBackoff);
  const auto half = static_cast<std::uint64_t>(full.count() / 2);
  return full - std::chrono::milliseconds(static_cast<std::int64_t>(random % (half + 1)));
}

std::string refusalText(long status) {
  if (status == kTooManyRequests) return "The model server is overloaded (status 429)";
  if (status >= kServerFault) return fmt::format("The model server has failed (status {})", status);
  return fmt::format("The model server has refused the request (status {})", status);
}

}  // namespace

std::string textOf(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::unreachable:
      return "The model server cannot be reached";
    case Failure::Kind::silent:
      return "The model server has not answered in time";
    case Failure::Kind::refused:
      return refusalText(failure.status);
    case Failure::Kind::reported:
      return "The model server has reported an error";
    case Failure::Kind::foreign:
      return "The model server's address answers with something else than a model's answer";
    case Failure::Kind::empty:
      return "The model server's answer is empty";
    case Failure::Kind::garbled:
      return "The model server has sent what cannot be understood";
    case Failure::Kind::tooLarge:
      return "The model server's answer is too large";
    default:
      return "The model server's answer has broken off";
  }
}

std::optional<std::chrono::milliseconds> retryDelay(const Failure& failure, int tries,
                                                    const OpenAiOptions& options,
                                                    std::uint64_t random) {
  if (tries > options.maxRetries || !passesByItself(failure)) return std::nullopt;
  const std::chrono::milliseconds delay = backoff(tries, options, random);
  if (!failure.retryAfter) return delay;
  if (*failure.retryAfter > options.maxRetryAfter) return std::nullopt;
  return std::max<std::chrono::milliseconds>(delay, *failure.retryAfter);
}

}  // namespace chatbot::openai
