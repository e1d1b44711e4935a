// The bodies of answers, and the pagination parameter that asks for one of them.
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

// The threads that `pagination` asks for, in one of these forms. What does not fit, a cursor of
// another list too, is refused as parsePagination does.
std::string threadsBody(Engine& engine, const Identity& caller, std::string_view pagination);

// {"workflow": {…}, "chatData": {"items": […]}}
std::string detailBody(const Tail& detail);

}  // namespace chatbot::http
