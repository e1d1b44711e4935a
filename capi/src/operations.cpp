// The operations without HTTP, and the query engine alone.
//
// Each takes the caller, as the endpoints do: access is checked by the engine. Answers are the
// bodies of the endpoints.
#include "chatbot/query.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

chatbot::Deltas deltas(int32_t flags) {
  if (flags == 0) return chatbot::Deltas::hidden;
  if (flags == CHATBOT_DELTAS) return chatbot::Deltas::shown;
  throw chatbot::Error(chatbot::ErrorCode::invalidArgument, "flags must be 0 or CHATBOT_DELTAS");
}

std::optional<chatbot::Position> positionToJoinAfter(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::optional<chatbot::Position> position = chatbot::parsePosition(text);
  if (position) return position;
  throw chatbot::Error(chatbot::ErrorCode::invalidArgument,
                       "place must be a number, or two with a dot between them");
}

// `endFrame`: whether a frame tells the end of the round. A start without deltas has none, as at
// the endpoint.
chatbot_stream* openStream(const chatbot_engine* engine, std::unique_ptr<chatbot::Stream> events,
                           bool endFrame) {
  return makeStream(engine->shared,
                    std::make_unique<chatbot::SseStream>(std::move(events), endFrame));
}

std::string selected(std::string_view rows, std::string_view schema, std::string_view params) {
  return chatbot::select(rows,
                         schema.empty() ? chatbot::workflowSchema() : chatbot::parseSchema(schema),
                         params.empty() ? "{}" : params);
}

}  // namespace

chatbot_status chatbot_start(chatbot_engine* engine, const chatbot_identity* caller,
                             const char* input_json, size_t input_len, const char* params_json,
                             size_t params_len, int32_t flags, chatbot_bytes** workflow,
                             chatbot_stream** stream, chatbot_error** err) noexcept {
  const auto start = [&] {
    SharedEngine& shared = usable(engine);
    chatbot::StartOptions how =
        chatbot::parseStartOptions(text(params_json, params_len, "params_json"));
    how.deltas = deltas(flags);
    chatbot::StartedRound round = shared.engine->start(
        identity(caller), chatbot::parseUserInput(text(input_json, input_len, "input_json")), how);
    // Both objects are made before one is handed over, so that a failure leaves none behind.
    auto started = makeHandle<chatbot_bytes>(toJson(round.workflow));
    if (stream != nullptr) {
      *stream = openStream(engine, std::move(round.stream), flags == CHATBOT_DELTAS);
    }
    if (workflow != nullptr) *workflow = started.release();
  };
  return guard(engineOf(engine), err, start, workflow, stream);
}

chatbot_status chatbot_stop(chatbot_engine* engine, const chatbot_identity* caller,
                            const char* workflow_id, size_t id_len, chatbot_bytes** out,
                            chatbot_error** err) noexcept {
  return answer(engine, out, err, [&](SharedEngine& shared) {
    return toJson(shared.engine->stop(identity(caller), text(workflow_id, id_len, "workflow_id")));
  });
}

chatbot_status chatbot_rename(chatbot_engine* engine, const chatbot_identity* caller,
                              const char* workflow_id, size_t id_len, const char* name,
                              size_t name_len, chatbot_bytes** out, chatbot_error** err) noexcept {
  return answer(engine, out, err, [&](SharedEngine& shared) {
    return toJson(shared.engine->rename(identity(caller), text(workflow_id, id_len, "workflow_id"),
                                        text(name, name_len, "name")));
  });
}

chatbot_status chatbot_delete(chatbot_engine* engine, const chatbot_identity* caller,
                              const char* workflow_id, size_t id_len,
                              chatbot_error** err) noexcept {
  return guard(engineOf(engine), err, [&] {
    usable(engine).engine->remove(identity(caller), text(workflow_id, id_len, "workflow_id"));
  });
}

chatbot_status chatbot_list(chatbot_engine* engine, const chatbot_identity* caller,
                            const char* params_json, size_t params_len, chatbot_bytes** out,
                            chatbot_error** err) noexcept {
  return answer(engine, out, err, [&](SharedEngine& shared) {
    return listBody(*shared.engine, identity(caller), text(params_json, params_len, "params_json"));
  });
}

chatbot_status chatbot_detail(chatbot_engine* engine, const chatbot_identity* caller,
                              const char* workflow_id, size_t id_len, chatbot_bytes** out,
                              chatbot_error** err) noexcept {
  return answer(engine, out, err, [&](SharedEngine& shared) {
    return detailBody(
        shared.engine->detail(identity(caller), text(workflow_id, id_len, "workflow_id")));
  });
}

chatbot_status chatbot_join(chatbot_engine* engine, const chatbot_identity* caller,
                            const char* workflow_id, size_t id_len, const char* place,
                            size_t place_len, int32_t flags, chatbot_stream** out,
                            chatbot_error** err) noexcept {
  const auto join = [&] {
    chatbot_stream*& stream = required(out, "out");
    chatbot::JoinedStream joined = usable(engine).engine->join(
        identity(caller), text(workflow_id, id_len, "workflow_id"),
        positionToJoinAfter(text(place, place_len, "place")), deltas(flags));
    if (joined.stream == nullptr) return CHATBOT_END;
    stream = openStream(engine, std::move(joined.stream), true);
    return CHATBOT_OK;
  };
  return guard(engineOf(engine), err, join, out);
}

chatbot_status chatbot_select(const char* rows_json, size_t rows_len, const char* schema_json,
                              size_t schema_len, const char* params_json, size_t params_len,
                              chatbot_bytes** out, chatbot_error** err) noexcept {
  const auto select = [&] {
    chatbot_bytes*& page = required(out, "out");
    const std::string_view rows = text(rows_json, rows_len, "rows_json");
    const std::string_view schema = text(schema_json, schema_len, "schema_json");
    const std::string_view params = text(params_json, params_len, "params_json");
    page = makeHandle<chatbot_bytes>(selected(rows, schema, params)).release();
  };
  return guard(nullptr, err, select, out);
}
