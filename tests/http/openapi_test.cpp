#include "http/openapi.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "http/routes.h"

using namespace chatbot;
using namespace chatbot::http;

namespace {

using Json = nlohmann::json;

Json document(const std::string& prefix = "/api/chatbot") {
  return Json::parse(makeOpenApi(prefix));
}

std::string lowerCase(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

const Json& operationOf(const Json& document, const Route& route) {
  return document.at("paths")
      .at("/api/chatbot" + std::string(route.path))
      .at(lowerCase(route.method));
}

// Every reference below `value`.
void collectReferences(const Json& value, std::set<std::string>& references) {
  if (value.is_object() && value.contains("$ref")) references.insert(value["$ref"]);
  if (!value.is_structured()) return;
  for (const Json& child : value) collectReferences(child, references);
}

std::set<std::string> parametersIn(const Json& operation, const std::string& place) {
  std::set<std::string> names;
  for (const Json& parameter : operation.at("parameters")) {
    if (parameter.at("in") == place) names.insert(parameter.at("name"));
  }
  return names;
}

}  // namespace

TEST_CASE("the document says what it is") {
  const Json made = document();
  CHECK(made.at("openapi") == "3.1.0");
  CHECK_FALSE(made.at("info").at("title").get<std::string>().empty());
  CHECK_FALSE(made.at("info").at("version").get<std::string>().empty());
}

TEST_CASE("every route is an operation, and there are no others") {
  const Json made = document();
  for (const Route& route : routes()) {
    const Json& operation = operationOf(made, route);
    CHECK(operation.at("operationId") == route.operation);
    CHECK(operation.at("summary") == route.summary);
    CHECK(operation.contains("requestBody") == !route.bodySchema.empty());
  }
  std::size_t operations = 0;
  for (const Json& path : made.at("paths")) operations += path.size();
  CHECK(operations == routes().size());
}

TEST_CASE("paths stand below the prefix") {
  CHECK(document("").at("paths").contains("/threads"));
  CHECK(document("/v1/chat").at("paths").contains("/v1/chat/{workflowId}/stop"));
}

TEST_CASE("an operation has all answers and errors of its route") {
  const Json made = document();
  for (const Route& route : routes()) {
    std::set<std::string> statuses;
    for (const Answer& answer : route.answers) statuses.insert(std::to_string(answer.status));
    for (const int status : route.errors) statuses.insert(std::to_string(status));
    std::set<std::string> shown;
    for (const auto& [status, response] : operationOf(made, route).at("responses").items()) {
      CHECK_FALSE(response.at("description").get<std::string>().empty());
      shown.insert(status);
    }
    CHECK(shown == statuses);
  }
}

TEST_CASE("errors are described by one schema, an answer without a body by none") {
  const Json paths = document().at("paths");
  const Json& stream = paths.at("/api/chatbot/{workflowId}/stream").at("get").at("responses");
  CHECK(stream.at("200").at("content").contains("text/event-stream"));
  CHECK_FALSE(stream.at("204").contains("content"));
  CHECK(stream.at("404").at("content").at("application/json").at("schema").at("$ref") ==
        "#/components/schemas/Error");
}

TEST_CASE("the parameters of a path are in it, and others where the route says") {
  const Json made = document();
  for (const Route& route : routes()) {
    const Json& operation = operationOf(made, route);
    const bool hasId = route.path.find("{workflowId}") != std::string_view::npos;
    CHECK(parametersIn(operation, "path") ==
          (hasId ? std::set<std::string>{"workflowId"} : std::set<std::string>{}));
    for (const Json& parameter : operation.at("parameters")) {
      CHECK(parameter.at("required") == (parameter.at("in") == "path"));
      CHECK(parameter.at("schema").at("type") == "string");
    }
  }
  const Json& join = made.at("paths").at("/api/chatbot/{workflowId}/stream").at("get");
  CHECK(parametersIn(join, "query") == std::set<std::string>{"deltas", "lastEventId"});
  CHECK(parametersIn(join, "header") == std::set<std::string>{"Last-Event-ID"});
}

TEST_CASE("every reference leads somewhere") {
  const Json made = document();
  std::set<std::string> references;
  collectReferences(made, references);
  CHECK(references.size() >= 8);
  for (const std::string& reference : references) {
    CAPTURE(reference);
    REQUIRE(reference.starts_with("#/"));
    CHECK(made.contains(Json::json_pointer(reference.substr(1))));
  }
}
