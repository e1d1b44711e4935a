// What comes from outside: request bodies and responders' items.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "chatbot/error.h"
#include "chatbot/model.h"
#include "support/refusal.h"

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

std::string itemRefusal(std::string_view json) {
  return test::refusalOf([&] { parseItemContent(json); });
}

std::string nested(std::size_t depth) {
  return "{\"prompt\":\"x\",\"more\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

template <typename T>
T parsed(std::string_view json) {
  return std::get<T>(parseItemContent(json));
}

std::string itemsRefusal(std::string_view json) {
  return test::refusalOf([&] { parseItemContents(json); });
}

}  // namespace

TEST_CASE("a start request with everything") {
  const UserInput input = parseUserInput(
      R"({"prompt": "Hello\u00e9", "listFileId": ["f-1", "f-2"], "userLanguage": "de",)"
      R"("workflowId": "w-1"})");
  CHECK(input.prompt == "Hello\xC3\xA9");
  CHECK(input.listFileId == std::vector<std::string>{"f-1", "f-2"});
  CHECK(input.userLanguage == "de");
  CHECK(input.workflowId == "w-1");
}

TEST_CASE("a start request with a prompt alone") {
  const UserInput input = parseUserInput(R"({"prompt": "x"})");
  CHECK(input.listFileId.empty());
  CHECK(input.userLanguage == "en");
  CHECK_FALSE(input.workflowId);
  CHECK_FALSE(parseUserInput(R"({"prompt": "x", "workflowId": null})").workflowId);
}

TEST_CASE("unknown keys are ignored, and of a repeated key the last value counts") {
  CHECK(parseUserInput(R"({"prompt": "x", "userId": "eve", "roles": ["admin"]})").prompt == "x");
  CHECK(parseUserInput(R"({"prompt": "x", "prompt": "y"})").prompt == "y");
}

TEST_CASE("a prompt is kept as it is, spaces, line ends and NUL included") {
  CHECK(parseUserInput(R"({"prompt": "  a\r\n\tb\u0000c  "})").prompt ==
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
  CHECK(parseUserInput(body.dump()).listFileId.size() == 100);
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

TEST_CASE("a message of a responder") {
  const auto message = parsed<Message>(
      R"({"type": "message", "item": {"id": "m", "parentMessageId": "p", "role": "tool",)"
      R"("message": "text", "summary": "s", "status": "last", "success": false, "other": 1,)"
      R"("documents": [{"id": "d", "fileId": "f", "fileName": "n", "fileSize": 7,)"
      R"("mimeType": "text/plain"}, {}]}})");
  CHECK(message.id == "m");
  CHECK(message.parentMessageId == "p");
  CHECK(message.role == "tool");
  CHECK(message.message == "text");
  CHECK(message.summary == "s");
  CHECK(message.status == "last");
  CHECK_FALSE(message.success);
  REQUIRE(message.documents.size() == 2);
  CHECK(message.documents[0].id == "d");
  CHECK(message.documents[0].fileId == "f");
  CHECK(message.documents[0].fileName == "n");
  CHECK(message.documents[0].fileSize == 7);
  CHECK(message.documents[0].mimeType == "text/plain");
  CHECK(message.documents[1].fileSize == 0);
}

TEST_CASE("what a responder leaves out or sets to null keeps its default") {
  const auto message = parsed<Message>(R"({"type": "message", "item": {"role": null}})");
  CHECK(message.role == "assistant");
  CHECK(message.status == "step");
  CHECK(message.success);
  CHECK(message.documents.empty());
  CHECK(parsed<Log>(R"({"type": "log", "item": {}})").type == "info");
  CHECK_FALSE(parsed<Log>(R"({"type": "log", "item": {"progress": null}})").progress);
  CHECK(parsed<Stat>(R"({"type": "stat", "item": {}})").tokensIn == 0);
}

TEST_CASE("a log of a responder") {
  const auto log = parsed<Log>(
      R"({"type": "log", "item": {"id": "l", "message": "m", "type": "success", "status": "s",)"
      R"("progress": 1}})");
  CHECK(log.id == "l");
  CHECK(log.message == "m");
  CHECK(log.type == "success");
  CHECK(log.status == "s");
  CHECK(log.progress == 1.0);
}

TEST_CASE("a stat of a responder") {
  const auto stat = parsed<Stat>(
      R"({"type": "stat", "item": {"id": "s", "processingTime": 2, "bytesSent": 1,)"
      R"("bytesReceived": 2, "errorCount": 3, "process": "p", "engine": "e", "tokensIn": 4,)"
      R"("tokensOut": 9223372036854775807, "priceUsd": 0.5}})");
  CHECK(stat.id == "s");
  CHECK(stat.processingTime == 2.0);
  CHECK(stat.bytesSent == 1);
  CHECK(stat.bytesReceived == 2);
  CHECK(stat.errorCount == 3);
  CHECK(stat.process == "p");
  CHECK(stat.engine == "e");
  CHECK(stat.tokensIn == 4);
  CHECK(stat.tokensOut == 9'223'372'036'854'775'807);
  CHECK(stat.priceUsd == 0.5);
}

TEST_CASE("an item that is none is refused") {
  CHECK(itemRefusal("") == "the item is not valid JSON");
  CHECK(itemRefusal("{\"type\":\"log\",\"item\":{\"message\":\"\xFF\"}}") ==
        "the item is not valid JSON");
  CHECK(itemRefusal("[]") == "the item must be an object");
  const char* kType = "the item.type must be one of message, log, stat";
  CHECK(itemRefusal("{}") == kType);
  CHECK(itemRefusal(R"({"type": "workflow", "item": {}})") == kType);
  CHECK(itemRefusal(R"({"type": 5})") == "the item.type must be a string");
  CHECK(itemRefusal(R"({"type": "log"})") == "the item.item must be an object");
  CHECK(itemRefusal(R"({"type": "log", "item": null})") == "the item.item must be an object");
  CHECK(itemRefusal(R"({"type": "log", "item": []})") == "item must be an object");
}

TEST_CASE("a field of an item that does not fit is named") {
  const auto refusal = [](const char* type, const std::string& item) {
    return itemRefusal(std::string("{\"type\":\"") + type + "\",\"item\":" + item + "}");
  };
  CHECK(refusal("message", R"({"role": "robot"})") ==
        "item.role must be one of user, assistant, system, tool");
  CHECK(refusal("message", R"({"status": ""})") == "item.status must be one of first, step, last");
  CHECK(refusal("message", R"({"message": ["x"]})") == "item.message must be a string");
  CHECK(refusal("message", R"({"success": 1})") == "item.success must be true or false");
  CHECK(refusal("message", R"({"documents": {}})") == "item.documents must be a list");
  CHECK(refusal("message", R"({"documents": [{}, 5]})") == "item.documents[1] must be an object");
  CHECK(refusal("message", R"({"documents": [{"fileSize": 1.5}]})") ==
        "item.documents[0].fileSize must be an integer");
  CHECK(refusal("log", R"({"type": "fatal"})") ==
        "item.type must be one of info, warning, error, success");
  CHECK(refusal("log", R"({"progress": "half"})") == "item.progress must be a number");
  CHECK(refusal("log", R"({"progress": 1.01})") == "item.progress must be from 0 to 1");
  CHECK(refusal("log", R"({"progress": -1})") == "item.progress must be from 0 to 1");
  CHECK(refusal("stat", R"({"processingTime": "1"})") == "item.processingTime must be a number");
  CHECK(refusal("stat", R"({"tokensIn": true})") == "item.tokensIn must be an integer");
}

TEST_CASE("an integer beyond 64 bits is refused, never another number") {
  for (const char* number : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                             "-9223372036854775809", "1e3"}) {
    CAPTURE(number);
    CHECK(itemRefusal(std::string(R"({"type": "stat", "item": {"bytesSent": )") + number + "}}") ==
          "item.bytesSent must be an integer");
  }
}

TEST_CASE("items come alone or as a list, in order") {
  CHECK(parseItemContents(R"({"type": "log", "item": {"message": "a"}})").size() == 1);
  const std::vector<ItemContent> items = parseItemContents(
      R"([{"type": "log", "item": {"message": "a"}}, {"type": "stat", "item": {"tokensIn": 3}}])");
  REQUIRE(items.size() == 2);
  CHECK(std::get<Log>(items[0]).message == "a");
  CHECK(std::get<Stat>(items[1]).tokensIn == 3);
}

TEST_CASE("of a list of items, the one that does not fit is named") {
  CHECK(itemsRefusal("[]") == "the list of items is empty");
  CHECK(itemsRefusal("[") == "the item is not valid JSON");
  CHECK(itemsRefusal("7") == "the item must be an object");
  CHECK(itemsRefusal("[7]") == "[0] must be an object");
  CHECK(itemsRefusal("[[]]") == "[0] must be an object");
  CHECK(itemsRefusal(R"([{"type": "log"}])") == "[0].item must be an object");
  CHECK(itemsRefusal(R"([{"type": "log", "item": {}}, {"type": "poem"}])") ==
        "[1].type must be one of message, log, stat");
  CHECK(itemsRefusal(R"([{"type": "message", "item": {"documents": [{}, 1]}}])") ==
        "[0].item.documents[1] must be an object");
  CHECK(itemsRefusal(R"({"type": "message", "item": {"documents": [{}, 1]}})") ==
        "item.documents[1] must be an object");
}
