// The border between C++ and C: no exception passes it, every failure becomes a status and an error
// object here, and every new handle is handed over here.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "arguments.h"
#include "handles.h"

namespace chatbot::capi {

// Turns the exception that is being handled into a status, and `*err` into its error object. The
// text of an internal fault goes to the engine's log and nowhere else. `shared` may be null.
chatbot_status failure(const SharedEngine* shared, chatbot_error** err) noexcept;

template <typename T>
void clear(T* output) noexcept {
  if (output != nullptr) *output = T{};
}

// Clears `err` and `outputs`, then runs `body`. The answer is the status that `body` returns,
// CHATBOT_OK where it returns nothing, or that of the exception it throws. `shared` may be null.
template <typename Body, typename... Outputs>
chatbot_status guard(const SharedEngine* shared, chatbot_error** err, Body&& body,
                     Outputs*... outputs) noexcept {
  clear(err);
  (clear(outputs), ...);
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      std::forward<Body>(body)();
      return CHATBOT_OK;
    } else {
      return std::forward<Body>(body)();
    }
  } catch (...) {
    return failure(shared, err);
  }
}

// Makes a handle of its parts. The memory is taken before the parts are moved, so that a lack of it
// loses none of them.
template <typename Handle, typename... Parts>
std::unique_ptr<Handle> makeHandle(Parts&&... parts) {
  return std::unique_ptr<Handle>(new Handle{std::forward<Parts>(parts)...});
}

inline chatbot_stream* makeStream(const std::shared_ptr<SharedEngine>& shared,
                                  std::unique_ptr<SseStream>&& frames) {
  return makeHandle<chatbot_stream>(shared, std::move(frames)).release();
}

// The engine of a handle; null for a null handle.
template <typename Handle>
const SharedEngine* engineOf(const Handle* handle) noexcept {
  return handle == nullptr ? nullptr : handle->shared.get();
}

// Guards a call on an engine that answers the text which `body` returns.
template <typename Body>
chatbot_status answer(chatbot_engine* engine, chatbot_bytes** out, chatbot_error** err,
                      Body&& body) noexcept {
  const auto make = [&] {
    chatbot_bytes*& bytes = required(out, "out");
    bytes = makeHandle<chatbot_bytes>(std::forward<Body>(body)(usable(engine))).release();
  };
  return guard(engineOf(engine), err, make, out);
}

// Frees a handle that shares an engine. In a child of the process that opened the engine the handle
// leaks on purpose: its destructor would wait for threads that do not exist there.
template <typename Handle>
void release(Handle* handle) noexcept {
  if (handle == nullptr || handle->shared->inOtherProcess()) return;
  delete handle;
}

}  // namespace chatbot::capi
