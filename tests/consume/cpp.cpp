// Uses the C++ library: opens an engine, lists no threads, closes it; and a part that stands alone.
#include <chatbot/engine.h>
#include <chatbot/query.h>

#include <string>

int main() {
  const std::string page = chatbot::select(R"([{"id":"b"},{"id":"a"}])", {{"id", "id"}},
                                           R"({"sort": [{"field": "id", "direction": "asc"}]})");
  if (!page.starts_with(R"({"items":[{"id":"a"},{"id":"b"}])")) return 1;

  chatbot::EngineOptions options;
  options.store.path = "consumer.sqlite";
  const auto engine = chatbot::Engine::open(std::move(options));
  return engine->listAll({.userId = "ada", .mandateId = "", .roles = {"user"}}).empty() ? 0 : 1;
}
