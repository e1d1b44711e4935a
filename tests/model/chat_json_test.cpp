// The bytes that clients see of each model.
#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "chatbot/model.h"

using namespace chatbot;
using namespace std::string_literals;

namespace {

const ItemPlace kPlace{.workflowId = "w-1", .seq = 7, .round = 2, .createdAt = 1'700'000'000.25};

std::string itemOf(const ItemContent& content, const ItemPlace& place = kPlace) {
  return toJson(content, place);
}

Message fullMessage() {
  Message message;
  message.id = "m-1";
  message.parentMessageId = "m-0";
  message.role = "user";
  message.message = "Hello";
  message.summary = "A greeting";
  message.status = "first";
  message.success = false;
  Document document;
  document.id = "d-1";
  document.messageId = "m-1";
  document.fileId = "f-1";
  document.fileName = "a.txt";
  document.fileSize = 5'000'000'000;
  document.mimeType = "text/plain";
  message.documents.push_back(document);
  message.documents.emplace_back().id = "d-2";
  return message;
}

}  // namespace

TEST_CASE("a workflow") {
  Workflow workflow;
  workflow.id = "w-1";
  workflow.mandateId = "m1";
  workflow.name = "A \"thread\"";
  workflow.status = WorkflowStatus::completed;
  workflow.workflowMode = "Dynamic";
  workflow.currentRound = 1;
  workflow.currentTask = 2;
  workflow.currentAction = 3;
  workflow.totalTasks = 4;
  workflow.totalActions = 5;
  workflow.maxSteps = 6;
  workflow.startedAt = 1'700'000'000;
  workflow.lastActivity = 1'700'000'001.5;
  workflow.createdBy = "ann";
  workflow.createdAt = 1'700'000'000;
  workflow.lastSeq = 99;
  CHECK(toJson(workflow) ==
        R"({"id":"w-1","mandateId":"m1","name":"A \"thread\"","status":"completed",)"
        R"("workflowMode":"Dynamic","currentRound":1,"currentTask":2,"currentAction":3,)"
        R"("totalTasks":4,"totalActions":5,"maxSteps":6,"startedAt":1700000000.0,)"
        R"("lastActivity":1700000001.5,"_createdBy":"ann","_createdAt":1700000000.0})");
}

TEST_CASE("a workflow that nobody has filled in") {
  CHECK(toJson(Workflow{}) ==
        R"({"id":"","mandateId":"","name":"","status":"running","workflowMode":"Chatbot",)"
        R"("currentRound":0,"currentTask":0,"currentAction":0,"totalTasks":0,"totalActions":0,)"
        R"("maxSteps":10,"startedAt":0.0,"lastActivity":0.0,"_createdBy":"","_createdAt":0.0})");
}

TEST_CASE("each status of a workflow is shown by its text") {
  Workflow workflow;
  for (const auto status : {WorkflowStatus::running, WorkflowStatus::completed,
                            WorkflowStatus::stopped, WorkflowStatus::error}) {
    workflow.status = status;
    CHECK(nlohmann::json::parse(toJson(workflow))["status"] == toText(status));
  }
}

TEST_CASE("a message with documents") {
  CHECK(itemOf(fullMessage()) ==
        R"({"type":"message","createdAt":1700000000.25,"item":{"id":"m-1","workflowId":"w-1",)"
        R"("parentMessageId":"m-0","role":"user","message":"Hello","summary":"A greeting",)"
        R"("status":"first","sequenceNr":7,"publishedAt":1700000000.25,"roundNumber":2,)"
        R"("documents":[{"id":"d-1","messageId":"m-1","fileId":"f-1","fileName":"a.txt",)"
        R"("fileSize":5000000000,"mimeType":"text/plain","roundNumber":2},)"
        R"({"id":"d-2","messageId":"","fileId":"","fileName":"","fileSize":0,)"
        R"("mimeType":"","roundNumber":2}],"success":false}})");
}

TEST_CASE("a message that says little") {
  CHECK(itemOf(Message{}) ==
        R"({"type":"message","createdAt":1700000000.25,"item":{"id":"","workflowId":"w-1",)"
        R"("parentMessageId":null,"role":"assistant","message":"","summary":null,)"
        R"("status":"step","sequenceNr":7,"publishedAt":1700000000.25,"roundNumber":2,)"
        R"("documents":[],"success":true}})");
}

TEST_CASE("a log") {
  Log log;
  log.id = "l-1";
  log.message = "Reading";
  log.type = "warning";
  log.status = "running";
  log.progress = 1;
  CHECK(itemOf(log) ==
        R"({"type":"log","createdAt":1700000000.25,"item":{"id":"l-1","workflowId":"w-1",)"
        R"("message":"Reading","type":"warning","timestamp":1700000000.25,"status":"running",)"
        R"("progress":1.0,"roundNumber":2}})");
}

TEST_CASE("a log that says little") {
  CHECK(itemOf(Log{}) ==
        R"({"type":"log","createdAt":1700000000.25,"item":{"id":"","workflowId":"w-1",)"
        R"("message":"","type":"info","timestamp":1700000000.25,"status":null,"progress":null,)"
        R"("roundNumber":2}})");
}

TEST_CASE("a stat") {
  Stat stat;
  stat.id = "s-1";
  stat.processingTime = 1.5;
  stat.bytesSent = 10;
  stat.bytesReceived = 20;
  stat.errorCount = 1;
  stat.process = "answer";
  stat.engine = "model-x";
  stat.tokensIn = 3;
  stat.tokensOut = 4;
  stat.priceUsd = 0.002;
  CHECK(itemOf(stat) ==
        R"({"type":"stat","createdAt":1700000000.25,"item":{"id":"s-1","workflowId":"w-1",)"
        R"("processingTime":1.5,"bytesSent":10,"bytesReceived":20,"errorCount":1,)"
        R"("process":"answer","engine":"model-x","tokensIn":3,"tokensOut":4,"priceUsd":0.002,)"
        R"("roundNumber":2}})");
}

TEST_CASE("a stat that says little") {
  CHECK(itemOf(Stat{}) ==
        R"({"type":"stat","createdAt":1700000000.25,"item":{"id":"","workflowId":"w-1",)"
        R"("processingTime":0.0,"bytesSent":0,"bytesReceived":0,"errorCount":0,"process":null,)"
        R"("engine":null,"tokensIn":0,"tokensOut":0,"priceUsd":0.0,"roundNumber":2}})");
}

TEST_CASE("items that belong to no round say so, and their documents too") {
  ItemPlace place = kPlace;
  place.round.reset();
  for (const ItemContent& content :
       {ItemContent(fullMessage()), ItemContent(Log{}), ItemContent(Stat{})}) {
    CHECK(nlohmann::json::parse(itemOf(content, place))["item"]["roundNumber"].is_null());
  }
  const auto message = nlohmann::json::parse(itemOf(fullMessage(), place));
  CHECK(message["item"]["documents"][0]["roundNumber"].is_null());
}

TEST_CASE("texts of any bytes stay on one line and are read back") {
  const std::string text = "a\r\nb\0c\x1F \xE2\x80\xA8 \xED\xA0\x80 \xFF \"\\"s;
  Message message;
  message.message = text;
  const std::string json = itemOf(message);
  CHECK(json.find_first_of("\r\n") == std::string::npos);
  CHECK(json.find('\0') == std::string::npos);
  const std::string expected = "a\r\nb\0c\x1F \xE2\x80\xA8 \xEF\xBF\xBD \xEF\xBF\xBD \"\\"s;
  CHECK(nlohmann::json::parse(json)["item"]["message"].get<std::string>() == expected);
}

TEST_CASE("numbers that JSON does not have are null") {
  Stat stat;
  stat.processingTime = std::numeric_limits<double>::infinity();
  stat.priceUsd = std::numeric_limits<double>::quiet_NaN();
  const auto item = nlohmann::json::parse(itemOf(stat))["item"];
  CHECK(item["processingTime"].is_null());
  CHECK(item["priceUsd"].is_null());
}
