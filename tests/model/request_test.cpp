// The bodies of requests.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "chatbot/error.h"
#include "chatbot/model.h"

using namespace chatbot;

namespace {

using Json = nlohmann::json;

// The detail of the Error (invalidBody) that `call` throws; null where it throws none.
template <typename Call>
Json faultsOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalidBody);
    return Json::parse(error.detail());
  }
  return nullptr;
}

Json inputFaults(std::string_view body) {
  return faultsOf([&] { parseUserInput(body); });
}

Json renameFaults(std::string_view body) {
  return faultsOf([&] { parseRename(body); });
}

Json fault(const char* type, const Json& place, const char* message) {
  Json loc = {"body"};
  if (place.is_array()) loc.insert(loc.end(), place.begin(), place.end());
  return {{"type", type}, {"loc", loc}, {"msg", message}};
}

Json notJson() { return Json::array({fault("json_invalid", nullptr, "JSON decode error")}); }

Json noObject() { return Json::array({fault("model_type", nullptr, "Input should be an object")}); }

Json one(const char* type, const Json& place, const char* message) {
  return Json::array({fault(type, place, message)});
}

std::string nested(std::size_t depth) {
  return "{\"prompt\":\"x\",\"more\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

}  // namespace

TEST_CASE("a start request with everything") {
  const UserInput input = *parseUserInput(
      R"({"prompt": "Hello\u00e9", "listFileId": ["f-1", "f-2"], "userLanguage": "de",)"
      R"("workflowId": "w-1"})");
  CHECK(input.prompt == "Hello\xC3\xA9");
  CHECK(input.listFileId == std::vector<std::string>{"f-1", "f-2"});
  CHECK(input.userLanguage == "de");
  CHECK(input.workflowId == "w-1");
}

TEST_CASE("a start request with a prompt alone") {
  const UserInput input = *parseUserInput(R"({"prompt": "x"})");
  CHECK(input.listFileId.empty());
  CHECK(input.userLanguage == "en");
  CHECK_FALSE(input.workflowId);
  CHECK_FALSE(parseUserInput(R"({"prompt": "x", "workflowId": null})")->workflowId);
}

TEST_CASE("unknown keys are ignored, and of a repeated key the last value counts") {
  CHECK(parseUserInput(R"({"prompt": "x", "userId": "eve", "roles": ["admin"]})")->prompt == "x");
  CHECK(parseUserInput(R"({"prompt": "x", "prompt": "y"})")->prompt == "y");
}

TEST_CASE("a prompt is kept as it is, spaces, line ends and NUL included") {
  CHECK(parseUserInput(R"({"prompt": "  a\r\n\tb\u0000c  "})")->prompt ==
        std::string("  a\r\n\tb\0c  ", 11));
}

TEST_CASE("a body that is not JSON") {
  CHECK(inputFaults("") == notJson());
  CHECK(inputFaults("prompt=x") == notJson());
  CHECK(inputFaults("{\"prompt\": \"x\"") == notJson());
  CHECK(inputFaults("{\"prompt\": \"\xFF\"}") == notJson());
  CHECK(inputFaults(R"({"prompt": "\ud800"})") == notJson());
  CHECK(inputFaults(R"({"prompt": "x", "n": 1e400})") == notJson());
  CHECK(inputFaults(R"({"prompt": "x", "n": NaN})") == notJson());
  CHECK(inputFaults(std::string_view("{\"prompt\": \"x\"}\0garbage", 22)) == notJson());
  CHECK(inputFaults(nested(10'000)) == notJson());
  CHECK(inputFaults(nested(60)).is_null());
}

TEST_CASE("a body that is no object") {
  for (const char* body : {"null", "true", "5", "\"x\"", "[]", "[{\"prompt\":\"x\"}]"}) {
    CHECK(inputFaults(body) == noObject());
    CHECK(renameFaults(body) == noObject());
  }
}

TEST_CASE("a prompt that is absent, no text or blank") {
  CHECK(inputFaults("{}") == one("missing", {"prompt"}, "Field required"));
  for (const char* value : {"null", "5", "[\"x\"]", "{}", "true"}) {
    CHECK(inputFaults(std::string("{\"prompt\":") + value + "}") ==
          one("string_type", {"prompt"}, "Input should be a valid string"));
  }
  for (const char* value : {"", "  ", "\\r\\n\\t", "\\u00a0\\u3000"}) {
    CHECK(inputFaults(std::string("{\"prompt\":\"") + value + "\"}") ==
          one("value_error", {"prompt"}, "Value error, must not be blank"));
  }
}

TEST_CASE("other fields that do not fit are named") {
  CHECK(inputFaults(R"({"prompt": "x", "listFileId": "f"})") ==
        one("list_type", {"listFileId"}, "Input should be a valid list"));
  CHECK(inputFaults(R"({"prompt": "x", "listFileId": null})") ==
        one("list_type", {"listFileId"}, "Input should be a valid list"));
  CHECK(inputFaults(R"({"prompt": "x", "listFileId": ["f", 5, 6]})") ==
        one("string_type", {"listFileId", 1}, "Input should be a valid string"));
  CHECK(inputFaults(R"({"prompt": "x", "listFileId": ["f", ")" + std::string(201, 'i') + "\"]}") ==
        one("string_too_long", {"listFileId", 1}, "String should have at most 200 characters"));
  CHECK(inputFaults(R"({"prompt": "x", "userLanguage": null})") ==
        one("string_type", {"userLanguage"}, "Input should be a valid string"));
  CHECK(inputFaults(R"({"prompt": "x", "workflowId": 5})") ==
        one("string_type", {"workflowId"}, "Input should be a valid string"));
}

TEST_CASE("a request names 100 documents at most") {
  Json body = {{"prompt", "x"}, {"listFileId", Json::array()}};
  for (int i = 0; i < 100; ++i) body["listFileId"].push_back(std::to_string(i));
  CHECK(parseUserInput(body.dump())->listFileId.size() == 100);
  body["listFileId"].push_back("one more");
  CHECK(inputFaults(body.dump()) ==
        one("too_long", {"listFileId"},
            "List should have at most 100 items after validation, not 101"));
}

TEST_CASE("all fields that do not fit are told at once") {
  const Json faults = inputFaults(R"({"listFileId": 5, "userLanguage": 5, "workflowId": 5})");
  REQUIRE(faults.size() == 4);
  CHECK(faults[0]["loc"] == Json{"body", "prompt"});
  CHECK(faults[1]["loc"] == Json{"body", "listFileId"});
  CHECK(faults[2]["loc"] == Json{"body", "userLanguage"});
  CHECK(faults[3]["loc"] == Json{"body", "workflowId"});
}

TEST_CASE("a new name is read") {
  CHECK(parseRename(R"({"name": "A \"name\" \u20ac", "id": 5})") == "A \"name\" \xE2\x82\xAC");
  CHECK(parseRename(R"({"name": " kept "})") == " kept ");
}

TEST_CASE("a name of 200 code points is the longest, whatever their bytes") {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "\xE2\x82\xAC";
  CHECK(parseRename("{\"name\":\"" + name + "\"}") == name);
  CHECK(renameFaults("{\"name\":\"" + name + "x\"}") ==
        one("string_too_long", {"name"}, "String should have at most 200 characters"));
}

TEST_CASE("a name that does not fit") {
  CHECK(renameFaults("") == notJson());
  CHECK(renameFaults("{}") == one("missing", {"name"}, "Field required"));
  CHECK(renameFaults(R"({"name": null})") ==
        one("string_type", {"name"}, "Input should be a valid string"));
  CHECK(renameFaults(R"({"name": " \u2003"})") ==
        one("value_error", {"name"}, "Value error, must not be blank"));
  for (const char* name : {"a\\nb", "\\u0000a", "a\\u007f", "a\\u0085"}) {
    CHECK(renameFaults(std::string("{\"name\":\"") + name + "\"}") ==
          one("value_error", {"name"}, "Value error, must not contain control characters"));
  }
}
