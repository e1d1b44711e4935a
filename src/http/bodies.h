// Bodies of answers: the pages that the pagination parameter asks for, and faults inside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/error.h"
#include "chatbot/query.h"
#include "chatbot/store.h"

namespace chatbot::http {

// The query of a page. An empty text, null and an empty object ask for all threads: they give
// nothing. Throws Error (invalidArgument) whose message begins with "Invalid pagination parameter".
std::optional<PageQuery> parsePagination(std::string_view json);

// The page that the body of a request asks for, which is PaginationParams. Throws Error:
// invalidBody for a text that is no JSON, invalidArgument as parsePagination does.
std::string queriedPage(Engine& engine, const Identity& caller, std::string_view body);

// {"items": […], "pagination": {…}}
std::string listBody(const std::vector<Workflow>& workflows, const std::string& paginationJson);
std::string allBody(const std::vector<Workflow>& workflows);

// The body for a fault that the log has under `id`. It tells of a change that may have been taken.
std::string faultBody(std::string_view id, ErrorCode code);

}  // namespace chatbot::http
