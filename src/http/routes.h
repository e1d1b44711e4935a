// The one table of the endpoints: it serves them and makes their OpenAPI document.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/http.h"
#include "http/target.h"

namespace chatbot::http {

// A request that has found its route.
struct Call {
  Engine& engine;
  const Mount& mount;
  const Request& request;
  const Identity& caller;
  const Target& target;
  std::string workflowId;  // of the path; empty where the path has none

  // A request header, its name in any case.
  std::optional<std::string> header(std::string_view name) const;
};

struct Parameter {
  std::string_view name;
  std::string_view in;  // query or header; the path's are seen in it
  std::string_view description;
};

struct Answer {
  int status;
  std::string_view mediaType;  // empty: no body
  std::string_view schema;     // a name among the document's schemas; empty: any
};

struct Route {
  std::string_view method;
  std::string_view path;       // below the prefix; {workflowId} stands for one segment
  std::string_view operation;  // its name, for the document
  Response (*serve)(const Call& call);
  std::string_view summary;
  std::string_view bodySchema = {};  // empty: no body
  std::vector<Parameter> parameters = {};
  std::vector<Answer> answers;  // those that are no errors
  std::vector<int> errors;
  std::string_view limitedAs = {};  // whose rate limit it counts to; empty: its own

  std::string_view limit() const noexcept { return limitedAs.empty() ? operation : limitedAs; }
};

std::span<const Route> routes();

// The route of a path and a method.
struct Match {
  const Route* route = nullptr;  // null: the path is not known, or not for the method
  std::string workflowId;
  std::string allow;  // the methods that the path is known for, as in Allow
};

// `segments`: of the path below the prefix.
Match match(std::string_view method, std::span<const std::string> segments);

}  // namespace chatbot::http
