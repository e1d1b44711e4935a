// Callers, stores and items that the rooms' tests share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "chatbot/access.h"
#include "chatbot/store.h"
#include "store/engine_store.h"
#include "support/database_folder.h"
#include "support/manual_environment.h"

namespace chatbot::test {

inline Identity user(std::string userId, std::string mandateId = "m1",
                     std::vector<std::string> roles = {"user"}) {
  return {std::move(userId), std::move(mandateId), std::move(roles)};
}

inline Message textMessage(std::string text, std::string role = "assistant",
                           std::string status = "step") {
  Message message;
  message.role = std::move(role);
  message.status = std::move(status);
  message.message = std::move(text);
  return message;
}

inline Log textLog(std::string text) {
  Log log;
  log.message = std::move(text);
  return log;
}

// A workflow of `owner`, as create() takes it.
inline Workflow newWorkflow(const Identity& owner, std::string name = "a thread") {
  Workflow workflow;
  workflow.mandateId = owner.mandateId;
  workflow.createdBy = owner.userId;
  workflow.name = std::move(name);
  return workflow;
}

// The id of an imported workflow. Ids have the order of their numbers.
inline std::string idOf(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return "01990000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// Starts a workflow with the owner, the name and the mode of `like`; `first` is its first item.
inline Workflow create(Store& store, const Scope& scope, const Workflow& like, ItemContent first) {
  StartRequest request;
  request.caller = user(like.createdBy, like.mandateId);
  request.name = like.name;
  request.workflowMode = like.workflowMode;
  request.first = std::move(first);
  return store.start(scope, request).workflow;
}

// Starts the workflow's next round; `first` is its first item.
inline Start beginRound(Store& store, const Scope& scope, std::string workflowId,
                        ItemContent first) {
  StartRequest request;
  request.workflowId = std::move(workflowId);
  request.first = std::move(first);
  return store.start(scope, request);
}

// A store on a database of its own.
struct StoreFixture {
  std::shared_ptr<store::EngineStore> reopen() {
    store.reset();
    store = store::EngineStore::open(options, environment);
    return store;
  }

  Workflow begin(const Identity& owner = user("ann"), const std::string& prompt = "hello") {
    return create(*store, Scope::system(), newWorkflow(owner),
                  textMessage(prompt, "user", "first"));
  }

  DatabaseFolder folder;
  std::shared_ptr<ManualEnvironment> environment = std::make_shared<ManualEnvironment>();
  StoreOptions options{.path = folder.database()};
  std::shared_ptr<store::EngineStore> store = store::EngineStore::open(options, environment);
};

// The text of a chat item's message or log, cut out of its JSON.
inline std::string textOf(const Item& item) {
  const std::string mark = "\"message\":\"";
  const std::size_t start = item.json.find(mark) + mark.size();
  return item.json.substr(start, item.json.find('"', start) - start);
}

inline std::string textOf(const std::shared_ptr<const Item>& item) { return textOf(*item); }

}  // namespace chatbot::test
