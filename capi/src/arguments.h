// Arguments of C calls, checked. Each function throws Error: invalidArgument naming the argument,
// or unavailable for an engine that cannot be used any more.
#pragma once

#include <cstddef>
#include <string_view>

#include "chatbot/error.h"
#include "handles.h"

namespace chatbot::capi {

[[noreturn]] void throwNull(const char* name);

template <typename T>
T& required(T* pointer, const char* name) {
  if (pointer == nullptr) throwNull(name);
  return *pointer;
}

// Text as pointer and length.
std::string_view text(const char* data, std::size_t size, const char* name);

// Text that ends with a NUL.
std::string_view text(const char* data, const char* name);

// Milliseconds; negative waits for ever. Longer than a year counts as a year, so that no clock
// overflows.
Timeout timeout(std::int64_t milliseconds) noexcept;

const Identity& identity(const chatbot_identity* caller);

// The engine, unless it was shut down or the process has forked since.
SharedEngine& usable(const chatbot_engine* engine);

void throwIfInOtherProcess(const SharedEngine& engine);

// A stream or turn, unless the process has forked since.
template <typename Handle>
Handle& usable(Handle* handle, const char* name) {
  required(handle, name);
  throwIfInOtherProcess(*handle->shared);
  return *handle;
}

}  // namespace chatbot::capi
