// What stands behind the opaque types of chatbot.h.
//
// Whatever an engine hands out shares the engine, and declares it first: a stream or a turn is then
// gone before the engine that it may be the last to let go of.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "chatbot.h"
#include "chatbot/access.h"
#include "chatbot/engine.h"
#include "chatbot/http.h"
#include "chatbot/openai.h"
#include "chatbot/run.h"
#include "chatbot/stream.h"
#include "fork.h"
#include "settings.h"

namespace chatbot::capi {

struct SharedEngine {
  SharedEngine(const std::shared_ptr<Engine>& opened, const MountOptions& options)
      : engine(opened), mount(opened, options) {}

  // The threads and locks of the process that opened the engine do not exist in a child of it.
  bool inOtherProcess() const noexcept { return forks() != bornAfter; }

  const std::shared_ptr<Engine> engine;
  Mount mount;
  const unsigned bornAfter = forks();
  std::atomic<bool> down = false;
};

}  // namespace chatbot::capi

struct chatbot_bytes {
  std::string text;
};

// The texts are borrowed, so that one of these can exist without any memory of its own.
struct chatbot_error {
  chatbot_status status;
  int32_t httpStatus;
  const char* message;
  const char* detail;
};

struct chatbot_options {
  chatbot::capi::Settings settings;
};

struct chatbot_document {
  std::optional<chatbot::LoadedDocument> loaded;
};

struct chatbot_identity {
  chatbot::Identity identity;
};

struct chatbot_engine {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
};

struct chatbot_response {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  chatbot::Response response;
};

struct chatbot_stream {
  enum class Reading { undecided, frames, events };

  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  std::unique_ptr<chatbot::SseStream> frames;
  Reading reading = Reading::undecided;
  chatbot::StreamEvent kept{};                // read, when there was no memory to hand it over
  std::optional<chatbot::Position> handed{};  // the position of the last event that was
  std::string position{};                     // as it was last asked for
};

struct chatbot_waitset {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  std::unique_ptr<chatbot::WaitSet> set;
};

struct chatbot_turn {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  chatbot::Turn turn;
};
