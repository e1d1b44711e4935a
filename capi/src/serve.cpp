// The endpoints: a request in, a response out.
//
// A request that is refused is answered as a response. A failed status of chatbot_serve means that
// the call itself was wrong, or that there was no memory for an answer.
#include "base/json_input.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

[[noreturn]] void throwHeaders() {
  throw chatbot::Error(chatbot::ErrorCode::invalidArgument,
                       "headers_json must be a JSON object of texts");
}

// Headers come as one JSON object: a binding has a dictionary of them, and needs no builder.
chatbot::Headers parseHeaders(std::string_view json) {
  chatbot::Headers headers;
  if (json.empty()) return headers;
  const std::optional<chatbot::base::Json> parsed = chatbot::base::parseJson(json);
  if (!parsed || !parsed->is_object()) throwHeaders();
  for (const auto& [name, value] : parsed->items()) {
    if (!value.is_string()) throwHeaders();
    headers.emplace_back(name, value.get<std::string>());
  }
  return headers;
}

}  // namespace

chatbot_status chatbot_serve(chatbot_engine* engine, const chatbot_identity* caller,
                             const char* method, size_t method_len, const char* target,
                             size_t target_len, const char* headers_json, size_t headers_len,
                             const char* body, size_t body_len, chatbot_response** out,
                             chatbot_error** err) noexcept {
  const auto serve = [&] {
    chatbot_response*& response = required(out, "out");
    SharedEngine& shared = usable(engine);
    chatbot::Request request;
    request.method = text(method, method_len, "method");
    request.target = text(target, target_len, "target");
    request.headers = parseHeaders(text(headers_json, headers_len, "headers_json"));
    request.body = text(body, body_len, "body");
    response =
        makeHandle<chatbot_response>(engine->shared, shared.mount.serve(request, identity(caller)))
            .release();
  };
  return guard(engineOf(engine), err, serve, out);
}

chatbot_status chatbot_openapi(chatbot_engine* engine, chatbot_bytes** out,
                               chatbot_error** err) noexcept {
  return answer(engine, out, err, [](SharedEngine& shared) { return shared.mount.openApi(); });
}

int32_t chatbot_response_status(const chatbot_response* response) noexcept {
  return response == nullptr ? 0 : response->response.status;
}

size_t chatbot_response_header_count(const chatbot_response* response) noexcept {
  return response == nullptr ? 0 : response->response.headers.size();
}

const char* chatbot_response_header(const chatbot_response* response, size_t index,
                                    const char** value) noexcept {
  clear(value);
  if (index >= chatbot_response_header_count(response)) return nullptr;
  const auto& [name, text] = response->response.headers[index];
  if (value != nullptr) *value = text.c_str();
  return name.c_str();
}

const char* chatbot_response_body(const chatbot_response* response, size_t* len) noexcept {
  clear(len);
  if (response == nullptr) return "";
  if (len != nullptr) *len = response->response.body.size();
  return response->response.body.c_str();
}

chatbot_stream* chatbot_response_take_stream(chatbot_response* response) noexcept {
  if (response == nullptr || response->response.stream == nullptr) return nullptr;
  // Without memory for a handle the stream stays in the response, and can be taken later.
  chatbot_stream* taken = nullptr;
  guard(engineOf(response), nullptr,
        [&] { taken = makeStream(response->shared, std::move(response->response.stream)); });
  return taken;
}

void chatbot_response_free(chatbot_response* response) noexcept { release(response); }
