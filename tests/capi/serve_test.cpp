#include <map>

#include "support.h"

namespace {

using namespace capi_test;

chatbot_status serveWithHeaders(const Bench& bench, std::string_view headers) {
  const std::string_view target = "/api/chatbot/threads";
  Response response;
  Error error;
  const chatbot_status status =
      chatbot_serve(bench.engine.get(), bench.caller.get(), "GET", 3, target.data(), target.size(),
                    headers.data(), headers.size(), "", 0, Out(response), Out(error));
  CHECK((response != nullptr) == (status == CHATBOT_OK));
  return status;
}

TEST_CASE("headers are a JSON object of texts, or nothing") {
  const Bench bench;
  for (const char* good : {"", "{}", R"({"Accept": "*/*", "X-Empty": ""})"}) {
    CAPTURE(good);
    CHECK(serveWithHeaders(bench, good) == CHATBOT_OK);
  }
  for (const char* bad : {"oops", "[]", "7", "null", R"({"Accept": 7})", R"({"Accept": ["a"]})"}) {
    CAPTURE(bad);
    CHECK(serveWithHeaders(bench, bad) == CHATBOT_INVALID_ARGUMENT);
  }
}

TEST_CASE("headers reach the endpoint, whatever the case of their names") {
  const Bench bench;
  Started started = bench.start();
  const Turn turn = bench.take();
  REQUIRE(append(turn, "Good day") == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  const Response response =
      bench.serve("GET", "/api/chatbot/" + started.id + "/stream", {}, R"({"last-event-id": "1"})");
  REQUIRE(chatbot_response_status(response.get()) == 200);
  const Stream stream(chatbot_response_take_stream(response.get()));
  const std::string frames = readFrames(stream);
  CHECK(frames.find("id: 1\n") == std::string::npos);
  CHECK(frames.find("id: 2\n") == 0);
  CHECK(frames.ends_with("event: end\ndata: {\"status\":\"completed\"}\n\n"));
}

TEST_CASE("any bytes are answered") {
  const Bench bench;
  const std::string_view odd("/\0%00%zz?\xff", 10);
  CHECK(chatbot_response_status(bench.serve("GET", odd).get()) == 404);
  CHECK(chatbot_response_status(bench.serve("", "").get()) == 404);
  CHECK(chatbot_response_status(bench.serve("POST", "/api/chatbot/start/stream", "\xff\0").get()) ==
        422);
  CHECK(chatbot_response_status(bench.serve("BREW", "/api/chatbot/threads").get()) == 405);
}

TEST_CASE("the document is the one that is served") {
  const Bench bench;
  Bytes document;
  REQUIRE(chatbot_openapi(bench.engine.get(), Out(document), nullptr) == CHATBOT_OK);
  const Response response = bench.serve("GET", "/api/chatbot/openapi.json");
  CHECK(text(document) == chatbot_response_body(response.get(), nullptr));
  CHECK(json(document)["paths"].contains("/api/chatbot/start/stream"));
}

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
