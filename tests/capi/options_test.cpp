#include <set>

#include "support.h"
#include "support/model_server.h"

namespace {

using namespace capi_test;
using chatbot::test::eventReply;
using chatbot::test::ModelServer;
using chatbot::test::textChunk;

Json described() {
  Bytes bytes;
  REQUIRE(chatbot_options_describe(Out(bytes), nullptr) == CHATBOT_OK);
  return json(bytes);
}

void count(void* userData) { ++*static_cast<int*>(userData); }
void ignoreLine(void*, int32_t, const char*, std::size_t) {}

TEST_CASE("every option has a name, a type, a default and a description") {
  for (const Json& option : described()) {
    CAPTURE(option.dump());
    CHECK(option.size() == 4);
    CHECK(option["name"].is_string());
    CHECK(option["type"].is_string());
    CHECK(option.contains("default"));
    CHECK(!option["description"].get<std::string>().empty());
  }
}

TEST_CASE("no two options have one name") {
  std::set<std::string> names;
  for (const Json& option : described()) CHECK(names.insert(option["name"]).second);
  CHECK(names.size() > 40);
}

TEST_CASE("a default is a value that can be set") {
  const Options chosen(chatbot_options_new());
  for (const Json& option : described()) {
    const auto name = option["name"].get<std::string>();
    CAPTURE(name);
    if (option["default"].is_null()) {
      CHECK(name == "store");  // the one that must be set
      continue;
    }
    const auto value = option["default"].get<std::string>();
    CHECK(chatbot_options_set(chosen.get(), name.c_str(), value.data(), value.size(), nullptr) ==
          CHATBOT_OK);
  }
}

TEST_CASE("an engine keeps a copy of its options") {
  const Folder folder;
  Options chosen = options(folder, {{"responder", "host"}});
  const Engine engine = open(chosen);
  REQUIRE(chatbot_options_set(chosen.get(), "responder", "echo", 4, nullptr) == CHATBOT_OK);
  chosen.reset();
  Turn turn;
  CHECK(chatbot_turn_take(engine.get(), 0, Out(turn), nullptr) == CHATBOT_WOULD_BLOCK);
}

TEST_CASE("a log function's user data is given back once, when nobody needs it any more") {
  int first = 0;
  int second = 0;
  const Folder folder;
  Options chosen = options(folder, {});
  CHECK(chatbot_options_set_log(chosen.get(), ignoreLine, &first, count) == CHATBOT_OK);
  CHECK(first == 0);
  CHECK(chatbot_options_set_log(chosen.get(), ignoreLine, &second, count) == CHATBOT_OK);
  CHECK(first == 1);

  Engine engine = open(chosen);
  chosen.reset();
  CHECK(second == 0);  // the engine has it still
  engine.reset();
  CHECK(second == 1);
  CHECK(first == 1);
}

TEST_CASE("a log function's user data is given back when it is not taken") {
  int destroyed = 0;
  const Options chosen(chatbot_options_new());
  CHECK(chatbot_options_set_log(nullptr, ignoreLine, &destroyed, count) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(destroyed == 1);
  CHECK(chatbot_options_set_log(chosen.get(), nullptr, &destroyed, count) == CHATBOT_OK);
  CHECK(destroyed == 2);
}

struct Files {
  std::string asked;
  int destroyed = 0;
};

void load(void* userData, const char* request, std::size_t size, chatbot_document* document) {
  auto* const files = static_cast<Files*>(userData);
  files->asked = std::string(request, size);
  if (Json::parse(files->asked)["fileId"] != "notes") return;
  std::string bytes = "milk";  // gone when this returns
  CHECK(chatbot_document_set(document, "notes.txt", 9, "text/plain", 10, bytes.size(), bytes.data(),
                             bytes.size(), nullptr) == CHATBOT_OK);
}

void countDestroyed(void* userData) { ++static_cast<Files*>(userData)->destroyed; }

TEST_CASE("a loader gives the documents of a message to the model") {
  if (chatbot_has_feature("openai") == 0) return;
  Files files;
  {
    ModelServer server({eventReply({textChunk("Hi")})});
    const Folder folder;
    const Options chosen = options(folder, {{"responder", "openai"},
                                            {"openaiBaseUrl", server.url()},
                                            {"openaiModel", "m"},
                                            {"openaiMaxDocumentBytes", "1000"}});
    CHECK(chatbot_options_set_documents(chosen.get(), load, &files, countDestroyed) == CHATBOT_OK);
    const Engine engine = open(chosen);
    const Identity caller = identity();
    const std::string input = R"({"prompt": "What do I need?", "listFileId": ["lost", "notes"]})";
    REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                          nullptr, nullptr, nullptr) == CHATBOT_OK);
    REQUIRE(server.awaitRequests(1));
    const Json content = Json::parse(server.requests()[0].body)["messages"][0]["content"];
    REQUIRE(content.size() == 2);
    CHECK(content[0]["text"] == "File notes.txt:\nmilk");
    CHECK(files.destroyed == 0);
  }
  CHECK(files.destroyed == 1);
  const Json asked = Json::parse(files.asked);
  CHECK(asked["userId"] == "ada");
  CHECK(asked["mandateId"] == "acme");
  CHECK(asked["maxBytes"] == 1000);
  CHECK(asked["workflowId"].get<std::string>().size() == 36);
}

TEST_CASE("a loader's user data is given back when it is replaced or was not taken") {
  Files files;
  Options chosen(chatbot_options_new());
  CHECK(chatbot_options_set_documents(chosen.get(), load, &files, countDestroyed) == CHATBOT_OK);
  CHECK(chatbot_options_set_documents(chosen.get(), nullptr, nullptr, nullptr) == CHATBOT_OK);
  CHECK(files.destroyed == 1);
  CHECK(chatbot_options_set_documents(nullptr, load, &files, countDestroyed) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(files.destroyed == 2);
}

TEST_CASE("a document needs somewhere to go") {
  Error error;
  CHECK(chatbot_document_set(nullptr, nullptr, 0, nullptr, 0, 0, nullptr, 0, Out(error)) ==
        CHATBOT_INVALID_ARGUMENT);
}

}  // namespace
