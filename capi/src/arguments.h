// Checks of the arguments of C calls. Each function throws Error: invalidArgument naming the
// argument, or unavailable for an engine that may not be used any more.
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

// A text given as pointer and length.
std::string_view text(const char* data, std::size_t size, const char* name);

// A text that ends with a NUL.
std::string_view text(const char* data, const char* name);

// A timeout in milliseconds; a negative one waits for ever. It is cut to a year, as a longer one
// could overflow the clock.
Timeout timeout(std::int64_t milliseconds) noexcept;

const Identity& identity(const chatbot_identity* caller);

// The engine, unless it was shut down or the process has forked since it was opened.
SharedEngine& usable(const chatbot_engine* engine);

void throwIfInOtherProcess(const SharedEngine& engine);

// A stream, turn or wait set, unless the process has forked since. It works on after a shutdown.
template <typename Handle>
Handle& usable(Handle* handle, const char* name) {
  required(handle, name);
  throwIfInOtherProcess(*handle->shared);
  return *handle;
}

}  // namespace chatbot::capi
