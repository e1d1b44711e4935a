// Calls that answer with a new object.
#pragma once

#include "arguments.h"
#include "guard.h"

namespace chatbot::capi {

// Answers with the text that `body` returns for the engine.
template <typename Body>
chatbot_status answer(chatbot_engine* engine, chatbot_bytes** out, chatbot_error** err,
                      Body&& body) noexcept {
  const auto make = [&] {
    chatbot_bytes*& bytes = required(out, "out");
    bytes = makeHandle<chatbot_bytes>(std::forward<Body>(body)(usable(engine))).release();
  };
  return guard(engineOf(engine), err, make, out);
}

// `frames` is left as it is when there is no memory.
inline chatbot_stream* makeStream(const std::shared_ptr<SharedEngine>& shared,
                                  std::unique_ptr<SseStream>&& frames) {
  return makeHandle<chatbot_stream>(shared, std::move(frames)).release();
}

inline chatbot_stream* makeStream(const std::shared_ptr<SharedEngine>& shared,
                                  std::unique_ptr<Stream> events, bool endFrame) {
  return makeStream(shared, std::make_unique<SseStream>(std::move(events), endFrame));
}

}  // namespace chatbot::capi
