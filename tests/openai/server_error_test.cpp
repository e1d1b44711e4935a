#include "openai/server_error.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::openai;

namespace {

using Cause = ServerError::Cause;

std::optional<ServerError> errorOf(std::string_view json) {
  return errorIn(base::parseJson(json).value());
}

}  // namespace

TEST_CASE("an error has several forms") {
  for (const char* const bad : {R"({"error":"x"})", R"({"error":{"message":"x"}})",
                                R"({"error":true})", R"({"error":["x"]})", R"({"object":"error"})",
                                R"({"type":"error"})", R"({"error_code":50001})",
                                R"({"success":false})", R"({"base_resp":{"status_code":1004}})"}) {
    CAPTURE(bad);
    CHECK(errorOf(bad));
  }
}

TEST_CASE("what says nothing is no error") {
  for (const char* const good :
       {"{}", R"({"error":null})", R"({"error":""})", R"({"error":false})", R"({"error":{}})",
        R"({"error":0})", R"({"error":[]})", R"({"error":{"message":"","code":null}})",
        R"({"error_code":0})", R"({"success":true})", R"({"object":"chat.completion.chunk"})",
        R"({"base_resp":{"status_code":0,"status_msg":""}})"}) {
    CAPTURE(good);
    CHECK_FALSE(errorOf(good));
  }
}

TEST_CASE("status, code and type are read wherever they stand") {
  const ServerError error =
      errorOf(R"({"error":{"code":503,"type":"overloaded_error","message":"x"}})").value();
  CHECK(error.status == 503);
  CHECK(error.code == "503");
  CHECK(error.type == "overloaded_error");
  CHECK(errorOf(R"({"error":{"code":"429"}})")->status == 429);
  CHECK(errorOf(R"({"error":{"code":"rate_limit_exceeded"}})")->status == 0);
  CHECK(errorOf(R"({"error":{"code":"rate_limit_exceeded"}})")->code == "rate_limit_exceeded");
  CHECK(errorOf(R"({"error":{"code":7}})")->status == 0);
  CHECK(errorOf(R"({"error":"x","status_code":502})")->status == 502);
  CHECK(errorOf(R"({"object":"error","code":400,"type":"BadRequestError"})")->status == 400);
  CHECK(errorOfBody(R"([{"error":{"code":404,"status":"NOT_FOUND"}}])", 400).code == "404");
  CHECK(errorOfBody("<html>", 502).status == 502);
}

TEST_CASE("sentences are not kept") {
  const ServerError error =
      errorOf(R"({"error":{"code":"no such prompt","type":"see <prompt>"}})").value();
  CHECK(error.code.empty());
  CHECK(error.type.empty());
  CHECK(identifierIn("a-b_c.d:1") == "a-b_c.d:1");
  CHECK(identifierIn(std::string(65, 'a')).empty());
  CHECK(identifierIn("\n").empty());
}

TEST_CASE("the cause is known by code, type, sentence or status") {
  CHECK(errorOfBody(R"({"error":{"code":"context_length_exceeded"}})", 400).cause ==
        Cause::tooLong);
  CHECK(errorOfBody(R"({"error":{"type":"exceed_context_size_error"}})", 400).cause ==
        Cause::tooLong);
  CHECK(errorOfBody(R"({"message":"This model's maximum Context Length is 8192 tokens"})", 400)
            .cause == Cause::tooLong);
  CHECK(errorOfBody("", 413).cause == Cause::tooLong);
  CHECK(errorOfBody("", 401).cause == Cause::key);
  CHECK(errorOfBody("", 403).cause == Cause::key);
  CHECK(errorOfBody("", 404).cause == Cause::model);
  CHECK(errorOfBody("", 402).cause == Cause::quota);
  CHECK(errorOfBody(R"({"error":{"code":"insufficient_quota"}})", 429).cause == Cause::quota);
  CHECK(errorOfBody("", 429).cause == Cause::other);
  CHECK(errorOfBody(R"({"error":{"code":"invalid_api_key"}})", 400).cause == Cause::key);
}
