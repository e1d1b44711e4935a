// Items as responders write them.
#include <doctest/doctest.h>

#include "chatbot/error.h"
#include "chatbot/model.h"
#include "support/refusal.h"

using namespace chatbot;

namespace {

std::string itemRefusal(std::string_view json) {
  return test::refusalOf([&] { parseItemContent(json); });
}

std::string itemsRefusal(std::string_view json) {
  return test::refusalOf([&] { parseItemContents(json); });
}

template <typename T>
T parsed(std::string_view json) {
  return std::get<T>(parseItemContent(json));
}

}  // namespace

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
