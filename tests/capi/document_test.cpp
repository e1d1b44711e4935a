#include "support.h"
#include "support/model_server.h"

namespace {

using namespace capi_test;
using chatbot::test::eventReply;
using chatbot::test::ModelServer;
using chatbot::test::textChunk;

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
    REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), 0, nullptr,
                          nullptr, nullptr) == CHATBOT_OK);
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
