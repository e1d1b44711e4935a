#include "engine/start_request.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "chatbot/error.h"
#include "model/text.h"

namespace chatbot {
namespace {

// For a prompt of characters that no name can show.
constexpr const char* kNameless = "New chat";

constexpr std::size_t kMaxKeyBytes = 255;

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return fmt::format("{:02x}", fmt::join(digest.begin(), digest.begin() + size, ""));
}

void checkKey(std::string_view key) {
  const bool isPrintable =
      std::ranges::all_of(key, [](unsigned char c) { return c >= ' ' && c <= '~'; });
  if (!key.empty() && key.size() <= kMaxKeyBytes && isPrintable) return;
  throw Error(ErrorCode::invalidArgument,
              "Invalid Idempotency-Key: it must be 1 to 255 printable ASCII characters");
}

// Which conversation is gone on with is part of what a start asks for.
std::string fingerprintOf(const UserInput& input, const std::string& workflowId) {
  UserInput whole = input;
  whole.workflowId = workflowId;
  return sha256(toJson(whole));
}

std::string nameOf(const UserInput& input) {
  std::string name = nameFromPrompt(input.prompt);
  return name.empty() ? kNameless : name;
}

}  // namespace

StartRequest startRequest(const Identity& caller, const UserInput& input, const StartOptions& how,
                          const EngineOptions& options, double now) {
  if (isBlank(input.prompt)) {
    throw Error(ErrorCode::invalidArgument, "The prompt must not be blank");
  }
  StartRequest request{.caller = caller,
                       .workflowId = how.workflowId.value_or(""),
                       .name = nameOf(input),
                       .input = input,
                       .onBusy = how.onBusy.value_or(options.onBusy),
                       .maxQueued = static_cast<std::int64_t>(options.maxQueued),
                       .key = {}};
  if (request.workflowId.empty()) request.workflowId = input.workflowId.value_or("");
  if (!how.idempotencyKey) return request;
  checkKey(*how.idempotencyKey);
  const std::chrono::duration<double> kept = options.idempotencyLife;
  request.key = StartKey{.key = *how.idempotencyKey,
                         .fingerprint = fingerprintOf(input, request.workflowId),
                         .since = now - kept.count()};
  return request;
}

}  // namespace chatbot
