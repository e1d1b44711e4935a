// The fields of ChatWorkflow and of each kind of item: the one place that names them.
#pragma once

#include <array>
#include <string_view>

#include "chatbot/model.h"
#include "model/field.h"

namespace chatbot::model {

// In the order of WorkflowStatus.
inline constexpr std::array<std::string_view, 4> kWorkflowStatuses = {"running", "completed",
                                                                      "stopped", "error"};

// In the order of JSON, and of the table's columns.
inline constexpr auto kWorkflowFields = table(
    field(&Workflow::id, {.name = "id", .isRequired = true, .format = "uuid"}),
    field(&Workflow::mandateId, {.name = "mandateId", .isRequired = true}),
    field(&Workflow::name, {.name = "name", .isRequired = true}),
    field(&Workflow::status, {.name = "status", .choices = kWorkflowStatuses, .isRequired = true}),
    field(&Workflow::workflowMode, {.name = "workflowMode", .isRequired = true}),
    field(&Workflow::currentRound, {.name = "currentRound", .isRequired = true}),
    field(&Workflow::currentTask, {.name = "currentTask"}),
    field(&Workflow::currentAction, {.name = "currentAction"}),
    field(&Workflow::totalTasks, {.name = "totalTasks"}),
    field(&Workflow::totalActions, {.name = "totalActions"}),
    field(&Workflow::maxSteps,
          {.name = "maxSteps", .ifAbsent = kDefaultMaxSteps, .isRequired = true}),
    field(&Workflow::startedAt,
          {.name = "startedAt", .isRequired = true, .description = "Seconds since the epoch"}),
    field(&Workflow::lastActivity, {.name = "lastActivity", .isRequired = true}),
    field(&Workflow::createdBy, {.name = "_createdBy", .column = "createdBy", .isRequired = true}),
    field(&Workflow::createdAt, {.name = "_createdAt", .column = "createdAt", .isRequired = true}),
    field(&Workflow::lastSeq, {.column = "lastSeq"}));

inline void writeField(base::JsonObject& out, const FieldFacts& facts, WorkflowStatus status) {
  out.field(facts.name, toText(status));
}

inline constexpr std::array<std::string_view, 4> kMessageRoles = {"user", "assistant", "system",
                                                                  "tool"};
inline constexpr std::array<std::string_view, 3> kMessageStatuses = {"first", "step", "last"};
inline constexpr std::array<std::string_view, 4> kLogTypes = {"info", "warning", "error",
                                                              "success"};

// A kind of record: its table, the name of its OpenAPI schema, and for an item the `type` that a
// chat item has.
template <typename Record>
struct Kind;

template <>
struct Kind<Document> {
  static constexpr std::string_view schema = "ChatDocument";
  static constexpr auto fields =
      table(field(&Document::id, {.name = "id"}),
            field(&Document::messageId, {.name = "messageId", .isReadBack = false}),
            field(&Document::fileId, {.name = "fileId"}),
            field(&Document::fileName, {.name = "fileName"}),
            field(&Document::fileSize, {.name = "fileSize"}),
            field(&Document::mimeType, {.name = "mimeType"}),
            field(&ItemPlace::round, {.name = "roundNumber"}));
};

template <>
struct Kind<Message> {
  static constexpr std::string_view type = "message";
  static constexpr std::string_view schema = "ChatMessage";
  static constexpr auto fields = table(
      field(&Message::id, {.name = "id"}), field(&ItemPlace::workflowId, {.name = "workflowId"}),
      field(&Message::parentMessageId, {.name = "parentMessageId", .whenEmpty = WhenEmpty::null}),
      field(&Message::role, {.name = "role", .choices = kMessageRoles}),
      field(&Message::message, {.name = "message"}),
      field(&Message::summary, {.name = "summary", .whenEmpty = WhenEmpty::null}),
      field(&Message::status, {.name = "status", .choices = kMessageStatuses}),
      field(&ItemPlace::seq, {.name = "sequenceNr"}),
      field(&ItemPlace::createdAt, {.name = "publishedAt"}),
      field(&ItemPlace::round, {.name = "roundNumber"}),
      field(&Message::documents, {.name = "documents"}),
      field(&Message::success, {.name = "success"}));
};

template <>
struct Kind<Log> {
  static constexpr std::string_view type = "log";
  static constexpr std::string_view schema = "ChatLog";
  static constexpr auto fields =
      table(field(&Log::id, {.name = "id"}), field(&ItemPlace::workflowId, {.name = "workflowId"}),
            field(&Log::message, {.name = "message"}),
            field(&Log::type, {.name = "type", .choices = kLogTypes}),
            field(&ItemPlace::createdAt, {.name = "timestamp"}),
            field(&Log::status, {.name = "status", .whenEmpty = WhenEmpty::null}),
            field(&Log::progress, {.name = "progress", .isFraction = true}),
            field(&ItemPlace::round, {.name = "roundNumber"}));
};

template <>
struct Kind<Stat> {
  static constexpr std::string_view type = "stat";
  static constexpr std::string_view schema = "ChatStat";
  static constexpr auto fields = table(
      field(&Stat::id, {.name = "id"}), field(&ItemPlace::workflowId, {.name = "workflowId"}),
      field(&Stat::processingTime, {.name = "processingTime"}),
      field(&Stat::bytesSent, {.name = "bytesSent"}),
      field(&Stat::bytesReceived, {.name = "bytesReceived"}),
      field(&Stat::errorCount, {.name = "errorCount"}),
      field(&Stat::process, {.name = "process", .whenEmpty = WhenEmpty::null}),
      field(&Stat::engine, {.name = "engine", .whenEmpty = WhenEmpty::null}),
      field(&Stat::tokensIn, {.name = "tokensIn"}), field(&Stat::tokensOut, {.name = "tokensOut"}),
      field(&Stat::priceUsd, {.name = "priceUsd"}),
      field(&ItemPlace::round, {.name = "roundNumber"}));
};

// The kinds of items, in the order of ItemContent.
inline constexpr std::array<std::string_view, 3> kItemTypes = {Kind<Message>::type, Kind<Log>::type,
                                                               Kind<Stat>::type};

inline std::string_view typeOf(const ItemContent& content) noexcept {
  return kItemTypes[content.index()];
}

}  // namespace chatbot::model
