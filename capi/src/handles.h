// The opaque types of chatbot.h.
//
// A handle that comes from an engine shares it, and declares it first: members are destroyed in
// reverse order, so a stream or a turn is gone before the engine that it may be the last to hold.
// Thread rules are those of chatbot.h; the handles have no locks of their own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "chatbot.h"
#include "chatbot/access.h"
#include "chatbot/http.h"
#include "chatbot/openai.h"
#include "chatbot/run.h"
#include "chatbot/stream.h"
#include "shared_engine.h"

namespace chatbot::capi {

// The options that a host has set so far. Environment and responder of the engine are made at open.
struct Settings {
  enum class ResponderKind { echo, script, openai, host };

  EngineOptions engine;
  MountOptions mount;
  ResponderKind responder = ResponderKind::echo;
  OpenAiOptions openAi;
};

}  // namespace chatbot::capi

struct chatbot_bytes {
  std::string text;
};

// The texts are borrowed, so that the error for a lack of memory needs no memory.
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
  // A stream is read as frames or event by event; the first read decides.
  enum class Reading { undecided, frames, events };

  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  std::unique_ptr<chatbot::SseStream> frames;
  Reading reading = Reading::undecided;
  chatbot::StreamEvent kept{};                // was read when there was no memory to hand it over
  std::optional<chatbot::Position> handed{};  // after the last event that was handed over
  std::string position{};                     // the text that chatbot_stream_place lends
};

struct chatbot_waitset {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  std::unique_ptr<chatbot::WaitSet> set;
};

struct chatbot_turn {
  std::shared_ptr<chatbot::capi::SharedEngine> shared;
  chatbot::Turn turn;
};
