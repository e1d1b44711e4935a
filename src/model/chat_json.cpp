// The chat models as JSON text.
#include <string>

#include "base/json_text.h"
#include "chatbot/model.h"

namespace chatbot {
namespace {

void append(std::string& out, const Document& document, std::optional<std::int64_t> round) {
  base::JsonObject(out)
      .field("id", document.id)
      .field("messageId", document.messageId)
      .field("fileId", document.fileId)
      .field("fileName", document.fileName)
      .field("fileSize", document.fileSize)
      .field("mimeType", document.mimeType)
      .field("roundNumber", round)
      .close();
}

std::string documentsJson(const std::vector<Document>& documents, const ItemPlace& place) {
  std::string out = "[";
  for (const Document& document : documents) {
    if (out.size() > 1) out += ',';
    append(out, document, place.round);
  }
  return out + "]";
}

// Texts that a model leaves out when they are not known are null on the wire.
std::optional<std::string_view> orNull(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void append(std::string& out, const Message& message, const ItemPlace& place) {
  base::JsonObject(out)
      .field("id", message.id)
      .field("workflowId", place.workflowId)
      .field("parentMessageId", orNull(message.parentMessageId))
      .field("role", message.role)
      .field("message", message.message)
      .field("summary", orNull(message.summary))
      .field("status", message.status)
      .field("sequenceNr", place.seq)
      .field("publishedAt", place.createdAt)
      .field("roundNumber", place.round)
      .raw("documents", documentsJson(message.documents, place))
      .field("success", message.success)
      .close();
}

void append(std::string& out, const Log& log, const ItemPlace& place) {
  base::JsonObject(out)
      .field("id", log.id)
      .field("workflowId", place.workflowId)
      .field("message", log.message)
      .field("type", log.type)
      .field("timestamp", place.createdAt)
      .field("status", orNull(log.status))
      .field("progress", log.progress)
      .field("roundNumber", place.round)
      .close();
}

void append(std::string& out, const Stat& stat, const ItemPlace& place) {
  base::JsonObject(out)
      .field("id", stat.id)
      .field("workflowId", place.workflowId)
      .field("processingTime", stat.processingTime)
      .field("bytesSent", stat.bytesSent)
      .field("bytesReceived", stat.bytesReceived)
      .field("errorCount", stat.errorCount)
      .field("process", orNull(stat.process))
      .field("engine", orNull(stat.engine))
      .field("tokensIn", stat.tokensIn)
      .field("tokensOut", stat.tokensOut)
      .field("priceUsd", stat.priceUsd)
      .field("roundNumber", place.round)
      .close();
}

constexpr std::string_view typeName(const Message&) { return "message"; }
constexpr std::string_view typeName(const Log&) { return "log"; }
constexpr std::string_view typeName(const Stat&) { return "stat"; }

}  // namespace

std::string toJson(const Workflow& workflow) {
  std::string out;
  base::JsonObject(out)
      .field("id", workflow.id)
      .field("mandateId", workflow.mandateId)
      .field("name", workflow.name)
      .field("status", toText(workflow.status))
      .field("workflowMode", workflow.workflowMode)
      .field("currentRound", workflow.currentRound)
      .field("currentTask", workflow.currentTask)
      .field("currentAction", workflow.currentAction)
      .field("totalTasks", workflow.totalTasks)
      .field("totalActions", workflow.totalActions)
      .field("maxSteps", workflow.maxSteps.value_or(kDefaultMaxSteps))
      .field("startedAt", workflow.startedAt)
      .field("lastActivity", workflow.lastActivity)
      .field("_createdBy", workflow.createdBy)
      .field("_createdAt", workflow.createdAt)
      .close();
  return out;
}

std::string toJson(const Document& document, std::optional<std::int64_t> round) {
  std::string out;
  append(out, document, round);
  return out;
}

std::string toJson(const ItemContent& content, const ItemPlace& place) {
  std::string out;
  std::visit(
      [&](const auto& item) {
        out = "{\"type\":\"";
        out += typeName(item);
        out += "\",\"createdAt\":";
        base::appendJsonNumber(out, place.createdAt);
        out += ",\"item\":";
        append(out, item, place);
        out += '}';
      },
      content);
  return out;
}

}  // namespace chatbot
