// An engine whose rounds ask a model server of the test's own.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/openai.h"
#include "support/fixtures.h"
#include "support/model_server.h"

namespace chatbot::test {

using Json = nlohmann::json;

inline constexpr const char* kKey = "sk-secret-key";

// The lines that the library logs.
class LogLines {
 public:
  LogFunction function() {
    return [this](LogLevel, std::string_view message, std::span<const LogField> fields) {
      std::string line(message);
      for (const LogField& field : fields)
        line += " " + std::string(field.name) + "=" + field.value;
      const std::lock_guard lock(mutex_);
      all_ += line + "\n";
    };
  }

  bool contain(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    return all_.find(text) != std::string::npos;
  }

 private:
  mutable std::mutex mutex_;
  std::string all_;
};

// Its time stands still unless the test moves it.
struct OpenAiFixture {
  explicit OpenAiFixture(std::vector<Reply> replies) : server(std::move(replies)) { prepare(); }
  explicit OpenAiFixture(ModelServer::Answerer answerer) : server(std::move(answerer)) {
    prepare();
  }
  ~OpenAiFixture() {
    if (engine != nullptr) engine->shutdown();
  }
  OpenAiFixture(const OpenAiFixture&) = delete;
  OpenAiFixture& operator=(const OpenAiFixture&) = delete;

  void prepare() {
    options.baseUrl = server.url();
    options.model = "test-model";
    options.key = kKey;
    options.firstByteTimeout = std::chrono::hours(24);
    options.idleTimeout = std::chrono::hours(24);
  }

  Engine& open() {
    if (engine != nullptr) return *engine;
    EngineOptions all;
    all.store.path = folder.database();
    all.environment = environment;
    all.streams.lifetime = std::chrono::hours(24);
    all.log = lines.function();
    all.responder = makeOpenAiResponder(options, environment, lines.function());
    engine = Engine::open(std::move(all));
    return *engine;
  }

  // The id of the round's workflow.
  std::string start(const std::string& prompt, const std::string& workflowId = {}) {
    UserInput input;
    input.prompt = prompt;
    if (!workflowId.empty()) input.workflowId = workflowId;
    return open().start(caller, input).workflow.id;
  }

  WorkflowStatus status(const std::string& id) {
    return engine->detail(caller, id).workflow.status;
  }

  // The items of a workflow whose round has ended, as JSON. `step`: moves the time by so much again
  // and again.
  std::vector<Json> ended(const std::string& id, std::chrono::milliseconds step = {}) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (status(id) == WorkflowStatus::running && std::chrono::steady_clock::now() < end) {
      environment->advance(step);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(status(id) != WorkflowStatus::running);
    return items(id);
  }

  std::vector<Json> items(const std::string& id) {
    std::vector<Json> items;
    for (const Item& item : engine->detail(caller, id).items)
      items.push_back(Json::parse(item.json));
    return items;
  }

  Json requested(std::size_t number = 0) { return Json::parse(server.requests().at(number).body); }

  DatabaseFolder folder;
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  const Identity caller = user("ann");
  LogLines lines;
  ModelServer server;
  OpenAiOptions options;
  std::shared_ptr<Engine> engine;
};

// The texts of the items of one type, such as `message` or `log`.
inline std::vector<std::string> textsOf(const std::vector<Json>& items, std::string_view type) {
  std::vector<std::string> texts;
  for (const Json& item : items) {
    if (item["type"] == type) texts.push_back(item["item"]["message"]);
  }
  return texts;
}

inline Json statOf(const std::vector<Json>& items) {
  for (const Json& item : items) {
    if (item["type"] == "stat") return item["item"];
  }
  return nullptr;
}

}  // namespace chatbot::test
