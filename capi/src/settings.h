// The options by name: one table says how each is called, what it takes, and where it goes.
#pragma once

#include <string>
#include <string_view>

#include "chatbot/engine.h"
#include "chatbot/http.h"
#include "chatbot/openai.h"

namespace chatbot::capi {

// What chatbot_options collects.
struct Settings {
  enum class ResponderKind { echo, script, openai, host };

  StoreOptions store;
  StreamOptions streams;
  OnBusy onBusy = EngineOptions{}.onBusy;
  std::size_t maxQueued = EngineOptions{}.maxQueued;
  std::chrono::seconds idempotencyLife = EngineOptions{}.idempotencyLife;
  EngineOptions::OnLimit onLimit = EngineOptions{}.onLimit;
  std::size_t maxRounds = EngineOptions{}.maxRounds;
  std::size_t maxRoundsPerMandate = EngineOptions{}.maxRoundsPerMandate;
  std::size_t maxRoundsPerUser = EngineOptions{}.maxRoundsPerUser;
  std::size_t maxWaitingRounds = EngineOptions{}.maxWaitingRounds;
  std::chrono::milliseconds draftInterval = EngineOptions{}.draftInterval;
  std::chrono::milliseconds turnTimeout = EngineOptions{}.turnTimeout;
  ResponderKind responder = ResponderKind::echo;
  OpenAiOptions openAi;
  std::string openAiTemperature;  // as they were given
  std::string openAiPrices;
  MountOptions mount;
  std::string accessRules;  // JSON text; empty: the standard rules
  LogFunction log;
};

// Throws Error (invalidArgument) naming the option and what it takes; nothing is changed then.
void setOption(Settings& settings, std::string_view name, std::string_view value);

// [{"name", "type", "default", "description"}, …]. A default is written as setOption takes it, and
// null for an option that must be set.
std::string describeOptions();

}  // namespace chatbot::capi
