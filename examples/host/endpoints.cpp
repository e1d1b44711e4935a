#include "endpoints.h"

#include <strings.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "identity.h"
#include "streaming.h"

namespace host {

namespace {

constexpr std::string_view kPrefix = "/api/chatbot";

using Json = nlohmann::json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string headersJson(const httplib::Headers& headers) {
  Json json = Json::object();
  for (const auto& [name, value] : headers) {
    const auto [place, isNew] = json.emplace(name, value);
    if (!isNew) *place = place->get<std::string>() + ", " + value;
  }
  return dump(json);
}

bool sameName(const char* name, const char* other) { return strcasecmp(name, other) == 0; }

// Copies the answer's headers and returns its content type, which httplib sets by itself; as it
// sets `Connection: close`, if the client has asked for that.
std::string copyHeaders(const chatbot_response* answer, const httplib::Request& request,
                        httplib::Response& response) {
  const bool closing = request.get_header_value("Connection") == "close";
  std::string contentType;
  for (std::size_t i = 0; i < chatbot_response_header_count(answer); ++i) {
    const char* value = nullptr;
    const char* const name = chatbot_response_header(answer, i, &value);
    if (sameName(name, "Content-Type")) {
      contentType = value;
    } else if (!sameName(name, "Connection") || !closing) {
      response.set_header(name, value);
    }
  }
  return contentType;
}

void send(const Answer& answer, const httplib::Request& request, httplib::Response& response) {
  response.status = chatbot_response_status(answer.get());
  const auto contentType = copyHeaders(answer.get(), request, response);
  EventStream stream(chatbot_response_take_stream(answer.get()));
  if (stream) return sendStream(std::move(stream), contentType, response);
  std::size_t size = 0;
  const char* const body = chatbot_response_body(answer.get(), &size);
  if (size > 0) response.set_content(body, size, contentType);
}

}  // namespace

Endpoints::Endpoints(chatbot_engine* engine, bool trustIdentityHeaders)
    : engine_(engine), trustIdentityHeaders_(trustIdentityHeaders) {}

bool Endpoints::covers(const std::string& target) {
  const std::string_view path = std::string_view(target).substr(0, target.find('?'));
  return path == kPrefix || path.starts_with(std::string(kPrefix) + '/');
}

void Endpoints::answer(const httplib::Request& request, const std::string& body,
                       httplib::Response& response) const try {
  const Identity caller = trustIdentityHeaders_ ? identityFromHeaders(request) : demoUser();
  const std::string headers = headersJson(request.headers);
  Answer answer;
  Failure failure;
  const auto status =
      chatbot_serve(engine_, caller.get(), request.method.data(), request.method.size(),
                    request.target.data(), request.target.size(), headers.data(), headers.size(),
                    body.data(), body.size(), Out(answer), Out(failure));
  if (status == CHATBOT_OK) return send(answer, request, response);
  answerError(chatbot_error_http_status(failure.get()), chatbot_error_message(failure.get()),
              response);
} catch (const Unauthenticated& error) {
  answerError(401, error.what(), response);
}

void answerError(int status, const std::string& detail, httplib::Response& response) {
  response.status = status;
  response.set_content(dump({{"detail", detail}}), "application/json");
}

}  // namespace host
