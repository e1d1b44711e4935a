#include "http/openapi.h"

#include <algorithm>
#include <cctype>

#include "base/json_input.h"
#include "http/routes.h"

namespace chatbot::http {
namespace {

constexpr const char* kTitle = "Chatbot";
constexpr const char* kVersion = "1.0.0";  // of the endpoints

base::Json reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string(schema)}};
}

base::Json content(std::string_view mediaType, std::string_view schema) {
  const base::Json any = {{"type", mediaType == "text/event-stream" ? "string" : "object"}};
  return {{std::string(mediaType), {{"schema", schema.empty() ? any : reference(schema)}}}};
}

base::Json parameterDocument(std::string_view name, std::string_view in,
                             std::string_view description) {
  return {{"name", name},
          {"in", in},
          {"required", in == "path"},
          {"description", description},
          {"schema", {{"type", "string"}}}};
}

base::Json parametersOf(const Route& route) {
  base::Json parameters = base::Json::array();
  if (route.path.find("{workflowId}") != std::string_view::npos) {
    parameters.push_back(parameterDocument("workflowId", "path", "The workflow's id"));
  }
  for (const Parameter& parameter : route.parameters) {
    parameters.push_back(parameterDocument(parameter.name, parameter.in, parameter.description));
  }
  return parameters;
}

const char* describe(int status) {
  switch (status) {
    case 200:
      return "Done";
    case 204:
      return "Nothing more will come";
    case 400:
      return "A parameter does not fit, or the workflow is not a chatbot's";
    case 403:
      return "Visible, but not permitted";
    case 404:
      return "Absent, or not visible";
    case 409:
      return "The workflow's state does not allow it";
    case 413:
      return "The body is too large";
    case 422:
      return "The body does not fit";
    case 429:
      return "Too many requests";
    case 503:
      return "Not available now";
    default:
      return "A fault inside";
  }
}

base::Json responsesOf(const Route& route) {
  base::Json responses = base::Json::object();
  for (const Answer& answer : route.answers) {
    base::Json response = {{"description", describe(answer.status)}};
    if (!answer.mediaType.empty()) response["content"] = content(answer.mediaType, answer.schema);
    responses[std::to_string(answer.status)] = std::move(response);
  }
  for (const int status : route.errors) {
    responses[std::to_string(status)] = {{"description", describe(status)},
                                         {"content", content("application/json", "Error")}};
  }
  return responses;
}

base::Json operationOf(const Route& route) {
  base::Json operation = {{"operationId", route.operation},
                          {"summary", route.summary},
                          {"tags", {"Chatbot"}},
                          {"parameters", parametersOf(route)},
                          {"responses", responsesOf(route)}};
  if (!route.bodySchema.empty()) {
    operation["requestBody"] = {{"required", true},
                                {"content", content("application/json", route.bodySchema)}};
  }
  return operation;
}

std::string lowerCase(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

std::string makeOpenApi(const std::string& prefix) {
  base::Json paths = base::Json::object();
  for (const Route& route : routes()) {
    paths[prefix + std::string(route.path)][lowerCase(route.method)] = operationOf(route);
  }
  const base::Json document = {{"openapi", "3.1.0"},
                               {"info", {{"title", kTitle}, {"version", kVersion}}},
                               {"paths", std::move(paths)},
                               {"components", {{"schemas", makeSchemas()}}}};
  return document.dump();
}

}  // namespace chatbot::http
