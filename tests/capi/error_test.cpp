#include "support.h"

namespace {

using namespace capi_test;

struct Failure {
  chatbot_status status;
  std::int32_t http;
  std::string message;
  Json detail;
};

Failure failure(chatbot_status status, chatbot_error* raw) {
  const Error error(raw);
  REQUIRE(error != nullptr);
  CHECK(chatbot_error_status(error.get()) == status);
  return {status, chatbot_error_http_status(error.get()), chatbot_error_message(error.get()),
          Json::parse(chatbot_error_detail_json(error.get()))};
}

Failure startWith(const Bench& bench, std::string_view input) {
  chatbot_error* error = nullptr;
  const chatbot_status status =
      chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(), nullptr, 0,
                    0, nullptr, nullptr, &error);
  return failure(status, error);
}

TEST_CASE("a failure has the status and the detail of the endpoint") {
  const Bench bench;
  const std::string nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
  chatbot_error* error = nullptr;
  Bytes out;
  const chatbot_status status = chatbot_stop(bench.engine.get(), bench.caller.get(), nobody.data(),
                                             nobody.size(), Out(out), &error);
  const Failure found = failure(status, error);
  CHECK(found.status == CHATBOT_NOT_FOUND);
  CHECK(found.http == 404);
  CHECK(found.detail == Json{{"detail", found.message}});

  const Response response = bench.serve("POST", "/api/chatbot/" + nobody + "/stop");
  CHECK(chatbot_response_status(response.get()) == found.http);
  CHECK(Json::parse(chatbot_response_body(response.get(), nullptr)) == found.detail);
}

TEST_CASE("a body that does not fit is told as a list of faults") {
  const Bench bench;
  const Failure found = startWith(bench, R"({"prompt": 7})");
  CHECK(found.status == CHATBOT_INVALID_ARGUMENT);
  CHECK(found.http == 422);
  REQUIRE(found.detail["detail"].is_array());
  CHECK(found.detail["detail"][0]["loc"] == Json{"body", "prompt"});
}

TEST_CASE("each kind of failure has its status") {
  const Bench bench;
  const Started running = bench.start();
  const Turn turn = bench.take();

  const Json again = {{"prompt", "Hurry"}, {"workflowId", running.id}};
  CHECK(startWith(bench, again.dump()).status == CHATBOT_BUSY);

  Bytes out;
  Error error;
  const Identity viewer = identity("eve", "viewer");
  CHECK(chatbot_stop(bench.engine.get(), viewer.get(), running.id.data(), running.id.size(),
                     Out(out), Out(error)) == CHATBOT_FORBIDDEN);
  CHECK(chatbot_error_http_status(error.get()) == 403);

  CHECK(chatbot_list(bench.engine.get(), bench.caller.get(), "oops", 4, Out(out), Out(error)) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(chatbot_error_http_status(error.get()) == 400);

  Stream stream;
  CHECK(chatbot_join(bench.engine.get(), bench.caller.get(), running.id.data(), running.id.size(),
                     "99", 2, 0, Out(stream), Out(error)) == CHATBOT_CONFLICT);
  CHECK(chatbot_error_http_status(error.get()) == 409);

  CHECK(finish(turn) == CHATBOT_OK);
  CHECK(finish(turn) == CHATBOT_MISUSE);
}

TEST_CASE("an error outlives what it is about and what is called after it") {
  Error error;
  {
    const Bench bench;
    Bytes out;
    REQUIRE(chatbot_list(bench.engine.get(), bench.caller.get(), "oops", 4, Out(out), Out(error)) ==
            CHATBOT_INVALID_ARGUMENT);
    REQUIRE(chatbot_list(bench.engine.get(), bench.caller.get(), "{}", 2, Out(out), nullptr) ==
            CHATBOT_OK);
  }
  CHECK(std::string(chatbot_error_message(error.get())).find("pagination") != std::string::npos);
}

TEST_CASE("a call that succeeds leaves no error behind") {
  chatbot_error* error = reinterpret_cast<chatbot_error*>(1);
  Bytes out;
  CHECK(chatbot_options_describe(Out(out), &error) == CHATBOT_OK);
  CHECK(error == nullptr);
}

TEST_CASE("no error is no failure") {
  CHECK(chatbot_error_status(nullptr) == CHATBOT_OK);
  CHECK(chatbot_error_http_status(nullptr) == 200);
  CHECK(chatbot_error_message(nullptr) == std::string());
  CHECK(Json::parse(chatbot_error_detail_json(nullptr)).empty());
  chatbot_error_free(nullptr);
}

}  // namespace
