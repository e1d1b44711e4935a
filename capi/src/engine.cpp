// Opening and closing an engine.
#include "chatbot/engine.h"

#include <cstdlib>

#include "guard.h"

using namespace chatbot::capi;

namespace {

using Kind = Settings::ResponderKind;

// Fills an option that was left empty. At open, so that a host may set the variable until then.
void setFromEnvironment(std::string& option, const char* variable) {
  const char* const value = std::getenv(variable);
  if (option.empty() && value != nullptr) option = value;
}

std::shared_ptr<chatbot::Responder> makeOpenAiResponder(
    const Settings& settings, const std::shared_ptr<chatbot::Environment>& environment) {
  chatbot::OpenAiOptions options = settings.openAi;
  setFromEnvironment(options.baseUrl, "OPENAI_BASE_URL");
  setFromEnvironment(options.model, "OPENAI_MODEL");
  setFromEnvironment(options.key, "OPENAI_API_KEY");
  return chatbot::makeOpenAiResponder(std::move(options), environment, settings.engine.log);
}

// Null for the responder host: the engine then makes a queue, from which the host takes turns.
std::shared_ptr<chatbot::Responder> makeResponder(
    const Settings& settings, const std::shared_ptr<chatbot::Environment>& environment) {
  switch (settings.responder) {
    case Kind::echo:
      return chatbot::makeEchoResponder(environment);
    case Kind::script:
      return chatbot::makeScriptResponder(environment);
    case Kind::openai:
      return makeOpenAiResponder(settings, environment);
    default:
      return nullptr;
  }
}

chatbot::EngineOptions engineOptions(const Settings& settings) {
  chatbot::EngineOptions options = settings.engine;
  options.environment = chatbot::systemEnvironment();
  options.responder = makeResponder(settings, options.environment);
  return options;
}

std::unique_ptr<chatbot_engine> open(const Settings& settings) {
  // The table's refusal of an empty path would not say that the option was never set.
  if (settings.engine.store.path.empty()) {
    throw chatbot::Error(chatbot::ErrorCode::invalidArgument, "The option store must be set");
  }
  auto handle = std::make_unique<chatbot_engine>();
  handle->shared = std::make_shared<SharedEngine>(chatbot::Engine::open(engineOptions(settings)),
                                                  settings.mount);
  return handle;
}

}  // namespace

chatbot_status chatbot_engine_open(const chatbot_options* options, chatbot_engine** out,
                                   chatbot_error** err) noexcept {
  const auto make = [&] {
    chatbot_engine*& made = required(out, "out");
    made = open(required(options, "options").settings).release();
  };
  return guard(nullptr, err, make, out);
}

chatbot_status chatbot_engine_shutdown(chatbot_engine* engine) noexcept {
  return guard(engineOf(engine), nullptr, [&] {
    SharedEngine& shared = *usable(engine, "engine").shared;  // one that is down may be repeated
    // Set first: calls that come while the engine shuts down are refused here, with one message.
    shared.down = true;
    shared.engine->shutdown();
  });
}

void chatbot_engine_free(chatbot_engine* engine) noexcept { release(engine); }
