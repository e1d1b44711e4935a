#include "arguments.h"

#include <algorithm>
#include <string>

namespace chatbot::capi {

void throwNull(const char* name) {
  throw Error(ErrorCode::invalidArgument, std::string(name) + " must not be NULL");
}

std::string_view text(const char* data, std::size_t size, const char* name) {
  if (data == nullptr && size != 0) throwNull(name);
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

std::string_view text(const char* data, const char* name) { return &required(data, name); }

Timeout timeout(std::int64_t milliseconds) noexcept {
  constexpr Timeout kLongest = std::chrono::years(1);
  if (milliseconds < 0) return kForever;
  return std::min(Timeout(milliseconds), kLongest);
}

const Identity& identity(const chatbot_identity* caller) {
  return required(caller, "caller").identity;
}

void throwIfInOtherProcess(const SharedEngine& engine) {
  if (!engine.inOtherProcess()) return;
  throw Error(ErrorCode::unavailable, "The engine belongs to the process that opened it");
}

SharedEngine& usable(const chatbot_engine* engine) {
  SharedEngine& shared = *required(engine, "engine").shared;
  throwIfInOtherProcess(shared);
  if (shared.down) throw Error(ErrorCode::unavailable, "The engine was shut down");
  return shared;
}

}  // namespace chatbot::capi
