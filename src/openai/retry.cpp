#include "openai/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chatbot::openai {
namespace {

using Kind = Failure::Kind;
using Cause = ServerError::Cause;

constexpr long kTooManyRequests = 429;
constexpr long kServerFault = 500;

// The official SDKs ask again after these, but for 425 (Too Early).
bool passesByItself(long status) {
  constexpr auto kStatuses = std::to_array({408L, 409L, 425L, kTooManyRequests});
  return status >= kServerFault || std::ranges::find(kStatuses, status) != kStatuses.end();
}

bool passesByItself(const Failure& failure) {
  switch (failure.kind) {
    case Kind::unreachable:
    case Kind::silent:
    case Kind::empty:
    case Kind::cutOff:
      return true;
    case Kind::refused:
    case Kind::reported:
      if (failure.headers.shouldRetry) return *failure.headers.shouldRetry;
      return failure.error.cause == Cause::other && passesByItself(failure.error.status);
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

std::string sentenceOf(const Failure& failure, bool hasKey) {
  const long status = failure.error.status;
  switch (failure.error.cause) {
    case Cause::key:
      return hasKey ? "The model server has refused the key"
                    : "The model server wants a key, and none is configured";
    case Cause::model:
      return "The model server does not know the model or the address";
    case Cause::tooLong:
      return "The conversation is too long for the model";
    case Cause::quota:
      return "The account at the model server has no credit left";
    default:
      break;
  }
  if (status == kTooManyRequests) return "The model server is overloaded";
  if (failure.kind == Kind::reported) return "The model server has reported an error";
  return status >= kServerFault ? "The model server has failed"
                                : "The model server has refused the request";
}

}  // namespace

std::string textOf(const Failure& failure, bool hasKey) {
  switch (failure.kind) {
    case Kind::unreachable:
      return "The model server cannot be reached";
    case Kind::silent:
      return "The model server has not answered in time";
    case Kind::refused:
    case Kind::reported: {
      const std::string sentence = sentenceOf(failure, hasKey);
      const long status = failure.error.status;
      return status == 0 ? sentence : fmt::format("{} (status {})", sentence, status);
    }
    case Kind::noChoice:
      return "The model server has sent no answer";
    case Kind::foreign:
      return "The model server's address answers with something else than a model's answer";
    case Kind::empty:
      return "The model server's answer is empty";
    case Kind::garbled:
      return "The model server has sent what cannot be understood";
    case Kind::tooLarge:
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
  const auto& retryAfter = failure.headers.retryAfter;
  if (!retryAfter) return delay;
  if (*retryAfter > options.maxRetryAfter) return std::nullopt;
  return std::max(delay, *retryAfter);
}

}  // namespace chatbot::openai
