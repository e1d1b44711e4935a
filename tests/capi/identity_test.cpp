#include "support.h"

namespace {

using namespace capi_test;

chatbot_status make(std::string_view json) {
  Identity made;
  Error error;
  const chatbot_status status =
      chatbot_identity_new(json.data(), json.size(), Out(made), Out(error));
  CHECK((made != nullptr) == (status == CHATBOT_OK));
  CHECK((error != nullptr) == (status != CHATBOT_OK));
  return status;
}

TEST_CASE("an identity is made from JSON") {
  CHECK(make(R"({"userId": "ada", "mandateId": "acme", "roles": ["user", "admin"]})") ==
        CHATBOT_OK);
  CHECK(make(R"({"userId": "ada", "mandateId": null, "roles": []})") == CHATBOT_OK);
}

TEST_CASE("what is no identity is refused") {
  for (const char* json : {"", "{", "[]", "{}", R"({"userId": "", "mandateId": "", "roles": []})",
                           R"({"userId": 7, "mandateId": "", "roles": []})",
                           R"({"userId": "ada", "mandateId": "", "roles": "user"})",
                           "{\"userId\": \"\xff\", \"mandateId\": \"\", \"roles\": []}"}) {
    CAPTURE(json);
    CHECK(make(json) == CHATBOT_INVALID_ARGUMENT);
  }
}

TEST_CASE("two callers of different tenants do not see each other") {
  const Bench bench;
  const Started started = bench.start();
  const std::string stranger = R"({"userId": "ada", "mandateId": "other", "roles": ["user"]})";
  Identity other;
  REQUIRE(chatbot_identity_new(stranger.data(), stranger.size(), Out(other), nullptr) ==
          CHATBOT_OK);
  Bytes detail;
  CHECK(chatbot_detail(bench.engine.get(), bench.caller.get(), started.id.data(), started.id.size(),
                       Out(detail), nullptr) == CHATBOT_OK);
  CHECK(chatbot_detail(bench.engine.get(), other.get(), started.id.data(), started.id.size(),
                       Out(detail), nullptr) == CHATBOT_NOT_FOUND);
}

}  // namespace
