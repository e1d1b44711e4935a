#include <map>

#include "support.h"

namespace {

using namespace capi_test;

std::map<std::string, std::string> headers(const Response& response) {
  std::map<std::string, std::string> all;
  for (std::size_t i = 0; i < chatbot_response_header_count(response.get()); ++i) {
    const char* value = nullptr;
    const char* name = chatbot_response_header(response.get(), i, &value);
    REQUIRE(name != nullptr);
    REQUIRE(value != nullptr);
    all[name] = value;
  }
  return all;
}

TEST_CASE("a response has a status, headers and a body") {
  const Bench bench;
  const Response response = bench.serve("GET", "/api/chatbot/threads");
  CHECK(chatbot_response_status(response.get()) == 200);
  CHECK(headers(response)["Content-Type"] == "application/json");
  std::size_t length = 0;
  const std::string body = chatbot_response_body(response.get(), &length);
  CHECK(body.size() == length);
  CHECK(Json::parse(body)["items"].empty());
  CHECK(chatbot_response_take_stream(response.get()) == nullptr);
}

TEST_CASE("there is no header beyond the last") {
  const Bench bench;
  const Response response = bench.serve("GET", "/api/chatbot/threads");
  const std::size_t count = chatbot_response_header_count(response.get());
  const char* value = "left";
  CHECK(chatbot_response_header(response.get(), count, &value) == nullptr);
  CHECK(value == nullptr);
  CHECK(chatbot_response_header(response.get(), SIZE_MAX, nullptr) == nullptr);
  CHECK(chatbot_response_header(response.get(), 0, nullptr) != nullptr);
}

TEST_CASE("a stream is taken once and outlives its response") {
  const Bench bench;
  Response response = bench.serve("POST", "/api/chatbot/start/stream", R"({"prompt": "Hello"})");
  CHECK(headers(response)["Content-Type"] == "text/event-stream");
  std::size_t length = 7;
  CHECK(chatbot_response_body(response.get(), &length) == std::string());
  CHECK(length == 0);

  const Stream stream(chatbot_response_take_stream(response.get()));
  REQUIRE(stream != nullptr);
  CHECK(chatbot_response_take_stream(response.get()) == nullptr);
  response.reset();
  CHECK(next(stream).status == CHATBOT_OK);
}

TEST_CASE("a stream that nobody takes is given up with its response") {
  const Bench bench({{"responder", "host"}, {"maxStreams", "1"}});
  for (int i = 0; i < 3; ++i) {
    const Response response =
        bench.serve("POST", "/api/chatbot/start/stream", R"({"prompt": "Hello"})");
    CHECK(chatbot_response_status(response.get()) == 200);
  }
}

}  // namespace
