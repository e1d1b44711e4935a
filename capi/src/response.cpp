#include "answer.h"

using namespace chatbot::capi;

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
  chatbot_stream* taken = nullptr;
  guard(engineOf(response), nullptr,
        [&] { taken = makeStream(response->shared, std::move(response->response.stream)); });
  return taken;
}

void chatbot_response_free(chatbot_response* response) noexcept { release(response); }
