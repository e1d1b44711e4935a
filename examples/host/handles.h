// The C library's objects, owned: each is freed when its handle goes.
#pragma once

#include <memory>

#include "chatbot.h"

namespace host {

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using EngineOptions = std::unique_ptr<chatbot_options, Freed<chatbot_options_free>>;
using Engine = std::unique_ptr<chatbot_engine, Freed<chatbot_engine_free>>;
using Identity = std::unique_ptr<chatbot_identity, Freed<chatbot_identity_free>>;
using Answer = std::unique_ptr<chatbot_response, Freed<chatbot_response_free>>;
using EventStream = std::unique_ptr<chatbot_stream, Freed<chatbot_stream_free>>;
using Failure = std::unique_ptr<chatbot_error, Freed<chatbot_error_free>>;

// Receives an output of a C function: `chatbot_engine_open(options, Out(engine), Out(failure))`.
// The handle has it once that whole expression is done.
template <typename Handle>
class Out {
 public:
  explicit Out(Handle& handle) : handle_(handle) {}
  ~Out() { handle_.reset(object_); }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;

  operator typename Handle::pointer *() { return &object_; }

 private:
  Handle& handle_;
  typename Handle::pointer object_ = nullptr;
};

}  // namespace host
