// Wait sets: one wait for many streams. Any thread; the C++ set locks for itself.
//
// A stream is in one set at most. The set holds no stream: one that is freed leaves its set.
#include <span>

#include "chatbot/stream.h"
#include "guard.h"

using namespace chatbot::capi;

chatbot_status chatbot_waitset_new(chatbot_engine* engine, chatbot_waitset** out,
                                   chatbot_error** err) noexcept {
  const auto make = [&] {
    chatbot_waitset*& set = required(out, "out");
    // A pointer that owns nothing. The set's state is shared with its streams and may be destroyed
    // last on a thread of the library, which must not be the thread that ends the engine. The
    // handle keeps the engine, and so its environment, as long as there can be waits.
    const std::shared_ptr<chatbot::Environment> environment(std::shared_ptr<void>(),
                                                            &usable(engine).engine->environment());
    set =
        makeHandle<chatbot_waitset>(engine->shared, std::make_unique<chatbot::WaitSet>(environment))
            .release();
  };
  return guard(engineOf(engine), err, make, out);
}

chatbot_status chatbot_waitset_add(chatbot_waitset* set, chatbot_stream* stream, uint64_t token,
                                   chatbot_error** err) noexcept {
  return guard(engineOf(set), err, [&] {
    chatbot::WaitSet& waiting = *usable(set, "set").set;
    waiting.add(usable(stream, "stream").frames->events(), token);
  });
}

void chatbot_waitset_remove(chatbot_waitset* set, chatbot_stream* stream) noexcept {
  if (set == nullptr || stream == nullptr || set->shared->inOtherProcess()) return;
  set->set->remove(stream->frames->events());
}

chatbot_status chatbot_waitset_wait(chatbot_waitset* set, int64_t timeout_ms, uint64_t* tokens,
                                    size_t capacity, size_t* count, chatbot_error** err) noexcept {
  const auto wait = [&]() -> chatbot_status {
    size_t& written = required(count, "count");
    required(tokens, "tokens");
    if (capacity == 0) {
      throw chatbot::Error(chatbot::ErrorCode::invalidArgument, "capacity must not be 0");
    }
    const chatbot::WaitSet::Result result =
        usable(set, "set").set->wait(timeout(timeout_ms), std::span(tokens, capacity));
    written = result.count;
    // A wake is told even when streams are ready, as it is not told again; their tokens come with
    // it.
    if (result.woken) return CHATBOT_WOKEN;
    return written > 0 ? CHATBOT_OK : CHATBOT_WOULD_BLOCK;
  };
  return guard(engineOf(set), err, wait, count);
}

void chatbot_waitset_wake(chatbot_waitset* set) noexcept {
  if (set == nullptr || set->shared->inOtherProcess()) return;
  set->set->wake();
}

chatbot_status chatbot_waitset_pollable(chatbot_waitset* set, intptr_t* os_handle,
                                        chatbot_error** err) noexcept {
  const auto make = [&] {
    intptr_t& handle = required(os_handle, "os_handle");
    handle = usable(set, "set").set->pollable();
  };
  return guard(engineOf(set), err, make, os_handle);
}

void chatbot_waitset_free(chatbot_waitset* set) noexcept { release(set); }
