// Asks model servers as a host does, for a test that plays them in another language.
//   answer_probe BASE_URL...
// Prints a line of JSON for each: what has become of the round.
#include <iostream>

#include "chatbot/engine.h"
#include "chatbot/openai.h"
#include "openai/answer_outcome.h"
#include "support/temporary_folder.h"

namespace {

using namespace chatbot;
using namespace std::chrono_literals;

nlohmann::json ask(const std::string& url) {
  const test::TemporaryFolder folder;
  OpenAiOptions model;
  model.baseUrl = url;
  model.model = "m";
  model.maxRetries = 1;
  model.firstBackoff = 1ms;
  EngineOptions options;
  options.store.path = folder.file("chat.sqlite");
  options.responder = makeOpenAiResponder(std::move(model), systemEnvironment(), nullptr);
  const auto engine = Engine::open(std::move(options));
  const Identity caller{.userId = "ann", .mandateId = "m", .roles = {"user"}};
  UserInput input;
  input.prompt = "?";
  const StartedRound round = engine->start(caller, input);
  while (round.stream->next(kForever).kind != StreamEvent::Kind::end) continue;
  nlohmann::json outcome = test::outcomeOf(engine->detail(caller, round.workflow.id).items);
  engine->shutdown();
  return outcome;
}

}  // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i) std::cout << ask(arguments[i]).dump() << std::endl;
}
