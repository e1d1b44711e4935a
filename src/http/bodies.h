// The parts of listBody: the pagination parameter, and the bodies that it may ask for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/query.h"
#include "chatbot/store.h"

namespace chatbot::http {

// Nothing for an empty text, null or an empty object: then all threads are asked for. Throws Error
// (invalidArgument), its message beginning with "Invalid pagination parameter: ".
std::optional<PageQuery> parsePagination(std::string_view json);

// {"items": […], "pagination": {…}}
std::string listBody(const std::vector<Workflow>& workflows, const std::string& paginationJson);
std::string allBody(const std::vector<Workflow>& workflows);

}  // namespace chatbot::http
