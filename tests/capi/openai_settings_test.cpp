#include <cstdlib>

#include "support.h"
#include "support/model_server.h"

namespace {

using namespace capi_test;
using chatbot::test::eventReply;
using chatbot::test::ModelServer;
using chatbot::test::statusReply;
using chatbot::test::textChunk;

// The message with which options are refused at opening; empty where they are accepted.
std::string refusal(Settings settings) {
  const Folder folder;
  const Options chosen = options(folder, settings);
  Engine engine;
  Error error;
  const chatbot_status status = chatbot_engine_open(chosen.get(), Out(engine), Out(error));
  return status == CHATBOT_OK ? "" : chatbot_error_message(error.get());
}

std::string refusedValue(const char* name, std::string_view value) {
  const Options chosen(chatbot_options_new());
  Error error;
  chatbot_options_set(chosen.get(), name, value.data(), value.size(), Out(error));
  return error == nullptr ? "" : chatbot_error_message(error.get());
}

// The environment's variables as long as this lives.
class Variables {
 public:
  explicit Variables(std::initializer_list<std::pair<const char*, std::string>> variables) {
    for (const char* const name : kNames) unsetenv(name);
    for (const auto& [name, value] : variables) setenv(name, value.c_str(), 1);
  }
  ~Variables() {
    for (const char* const name : kNames) unsetenv(name);
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;

 private:
  static constexpr const char* kNames[] = {"OPENAI_BASE_URL", "OPENAI_MODEL", "OPENAI_API_KEY"};
};

ModelServer::Request askedWith(ModelServer& server, Settings settings) {
  const Bench bench(settings);
  const Started started = bench.start("Hello");
  REQUIRE(server.awaitRequests(1));
  return server.requests().front();
}

TEST_CASE("texts and numbers for a model server are checked when they are set") {
  for (const char* good : {"", "0", "0.7", "2"})
    CHECK(refusedValue("openaiTemperature", good) == "");
  for (const char* bad : {"warm", "-1", "2.1", "0.7 ", "nan", "inf"}) {
    CHECK(refusedValue("openaiTemperature", bad) ==
          "openaiTemperature takes a number from 0 to 2, or nothing for the server's own");
  }
  CHECK(refusedValue("openaiPrices", R"({"*": {"in": 1, "out": 2}})") == "");
  CHECK(refusedValue("openaiPrices", "") == "");
  CHECK(refusedValue("openaiPrices", "[]") == "prices are not a JSON object");
  CHECK(refusedValue("openaiRetries", "0") == "");
  CHECK(refusedValue("openaiHistoryTokens", "0") == "");
  CHECK(refusedValue("openaiIdleMs", "0") != "");
  for (const char* name : {"openaiFirstBackoffMs", "openaiMaxBackoffMs", "openaiMaxRetryAfterMs"}) {
    CHECK(refusedValue(name, "1") == "");
    CHECK(refusedValue(name, "0") != "");
  }
  CHECK(refusedValue("openaiMaxReasoningBytes", "0") == "");
}

TEST_CASE("without a server and a model the responder openai is refused") {
  if (chatbot_has_feature("openai") == 0) return;
  const Variables none({});
  CHECK(refusal({{"responder", "openai"}}) ==
        "openaiBaseUrl, or OPENAI_BASE_URL in the environment, must be the model server's URL");
  CHECK(refusal({{"responder", "openai"}, {"openaiBaseUrl", "http://127.0.0.1:1/v1"}}) ==
        "openaiModel, or OPENAI_MODEL in the environment, must name the model");
  CHECK(refusal({{"responder", "openai"},
                 {"openaiBaseUrl", "http://127.0.0.1:1/v1"},
                 {"openaiModel", "m"},
                 {"openaiKey", "secret word"}}) ==
        "the key must be printable ASCII without spaces");
  CHECK(refusal({{"responder", "openai"},
                 {"openaiBaseUrl", "http://127.0.0.1:1/v1"},
                 {"openaiModel", "m"}}) == "");
}

TEST_CASE("options reach the model server") {
  if (chatbot_has_feature("openai") == 0) return;
  const Variables none({});
  ModelServer server({eventReply({textChunk("Hi")})});
  const auto request = askedWith(server, {{"responder", "openai"},
                                          {"openaiBaseUrl", server.url()},
                                          {"openaiModel", "mine"},
                                          {"openaiKey", "sk-1"},
                                          {"openaiSystemPrompt", "Be kind."},
                                          {"openaiTemperature", "0.5"}});
  CHECK(request.head.find("Authorization: Bearer sk-1\r\n") != std::string::npos);
  const Json body = Json::parse(request.body);
  CHECK(body["model"] == "mine");
  CHECK(body["temperature"] == 0.5);
  CHECK(body["messages"][0]["content"] == "Be kind.");
}

TEST_CASE("the times between tries and the bound of reasoning can be set") {
  if (chatbot_has_feature("openai") == 0) return;
  const Variables none({});
  ModelServer server({statusReply(500, ""), statusReply(429, "", "Retry-After: 1\r\n"),
                      eventReply({R"({"choices":[{"delta":{"reasoning":"Hmmmm"}}]})"})});
  const Bench bench({{"responder", "openai"},
                     {"openaiBaseUrl", server.url()},
                     {"openaiModel", "m"},
                     {"openaiFirstBackoffMs", "1"},
                     {"openaiMaxBackoffMs", "1"},
                     {"openaiMaxRetryAfterMs", "999"},
                     {"openaiMaxReasoningBytes", "2"}});
  const std::string first = readFrames(bench.start("Hello").stream);
  CHECK(first.find("trying again in 0.0 s") != std::string::npos);
  CHECK(first.find("The model server is overloaded (status 429)\"") != std::string::npos);
  CHECK(server.requests().size() == 2);
  const std::string second = readFrames(bench.start("Hello").stream);
  CHECK(second.find("Reasoning: Hm\"") != std::string::npos);
  CHECK(second.find("too long to be kept") != std::string::npos);
}

TEST_CASE("what is not set comes from the environment") {
  if (chatbot_has_feature("openai") == 0) return;
  ModelServer server({eventReply({textChunk("Hi")})});
  const Variables variables(
      {{"OPENAI_BASE_URL", server.url()}, {"OPENAI_MODEL", "theirs"}, {"OPENAI_API_KEY", "sk-2"}});
  const auto request = askedWith(server, {{"responder", "openai"}, {"openaiModel", "mine"}});
  CHECK(request.head.find("Authorization: Bearer sk-2\r\n") != std::string::npos);
  CHECK(Json::parse(request.body)["model"] == "mine");
}

}  // namespace
