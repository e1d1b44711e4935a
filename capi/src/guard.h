// The border between C++ and C: no exception passes it, and every failure becomes a status and an
// error object here.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "handles.h"

namespace chatbot::capi {

// The exception that is being handled, as a status; `*err` becomes its error object. The text of an
// internal fault goes to the engine's log and nowhere else. `shared` may be null.
chatbot_status failure(const SharedEngine* shared, chatbot_error** err) noexcept;

template <typename T>
void clear(T* output) noexcept {
  if (output != nullptr) *output = T{};
}

// Clears `err` and `outputs`, runs `body`, which returns a chatbot_status or nothing (CHATBOT_OK),
// and answers what came of it. `shared` may be null.
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

// Makes a handle of its parts. Nothing is lost where there is no memory: the parts are moved last.
template <typename Handle, typename... Parts>
std::unique_ptr<Handle> makeHandle(Parts&&... parts) {
  return std::unique_ptr<Handle>(new Handle{std::forward<Parts>(parts)...});
}

// The engine of a handle, which may be null: then so is the answer.
template <typename Handle>
const SharedEngine* engineOf(const Handle* handle) noexcept {
  return handle == nullptr ? nullptr : handle->shared.get();
}

// Frees a handle that shares an engine. In a child of the process that opened the engine it is left
// behind: taking it apart would wait for threads that are not there.
template <typename Handle>
void release(Handle* handle) noexcept {
  if (handle == nullptr || handle->shared->inOtherProcess()) return;
  delete handle;
}

}  // namespace chatbot::capi
