#include "http/bodies.h"

#include <fmt/format.h>

#include "base/json_input.h"
#include "base/json_text.h"
#include "chatbot/error.h"
#include "chatbot/http.h"

namespace chatbot::http {
namespace {

bool asksForAll(std::string_view json) {
  if (json.empty()) return true;
  if (json.size() > 16) return false;  // with space around them, null and {} are shorter
  const std::optional<base::Json> parsed = base::parseJson(json);
  return parsed && (parsed->is_null() || (parsed->is_object() && parsed->empty()));
}

std::string itemsJson(const std::vector<Workflow>& workflows) {
  std::string out = "[";
  for (const Workflow& workflow : workflows) {
    if (out.size() > 1) out += ',';
    out += toJson(workflow);
  }
  return out + "]";
}

// Runs `work`; the argument that it refuses is the pagination parameter, which the message names.
template <typename Work>
auto ofPagination(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalidArgument) throw;
    throw Error(error.code(), std::string("Invalid pagination parameter: ") + error.what());
  }
}

}  // namespace

std::optional<PageQuery> parsePagination(std::string_view json) {
  if (asksForAll(json)) return std::nullopt;
  return ofPagination([&] { return PageQuery::parse(json, workflowSchema()); });
}

std::string listBody(const std::vector<Workflow>& workflows, const std::string& paginationJson) {
  std::string out;
  base::JsonObject(out)
      .raw("items", itemsJson(workflows))
      .raw("pagination", paginationJson)
      .close();
  return out;
}

std::string allBody(const std::vector<Workflow>& workflows) {
  const auto count = static_cast<std::int64_t>(workflows.size());
  std::string pagination;
  base::JsonObject(pagination)
      .field("currentPage", std::int64_t{1})
      .field("pageSize", count)
      .field("totalItems", count)
      .field("totalPages", std::int64_t{1})
      .raw("sort", "[]")
      .raw("filters", "null")
      .close();
  return listBody(workflows, pagination);
}

std::string queriedPage(Engine& engine, const Identity& caller, std::string_view body) {
  if (!base::parseJson(body)) {
    throw Error(ErrorCode::invalidBody, "The body is not JSON")
        .withDetail(R"([{"type":"json_invalid","loc":["body"],"msg":"JSON decode error"}])");
  }
  return ofPagination([&] {
    const PageQuery query = PageQuery::parse(body, workflowSchema());
    const WorkflowPage page = engine.list(caller, query);
    return listBody(page.items, pageJson(query, page));
  });
}

std::string faultBody(std::string_view id, ErrorCode code) {
  const bool isUnknown = code == ErrorCode::outcomeUnknown;
  return errorBody(
      fmt::format("Internal error {}{}", id, isUnknown ? ": the change may have been taken" : ""));
}

}  // namespace chatbot::http

namespace chatbot {

std::string listBody(Engine& engine, const Identity& caller, std::string_view pagination) {
  const std::optional<PageQuery> query = http::parsePagination(pagination);
  if (!query) return http::allBody(engine.listAll(caller));
  const WorkflowPage page = http::ofPagination([&] { return engine.list(caller, *query); });
  return http::listBody(page.items, pageJson(*query, page));
}

std::string detailBody(const Tail& detail) {
  std::size_t bytes = 1024;
  for (const Item& item : detail.items) bytes += item.json.size() + 1;
  std::string out;
  out.reserve(bytes);
  out += "{\"workflow\":";
  out += toJson(detail.workflow);
  out += ",\"chatData\":{\"items\":[";
  for (const Item& item : detail.items) {
    out += item.json;
    out += ',';
  }
  if (!detail.items.empty()) out.pop_back();
  return out + "]}}";
}

}  // namespace chatbot
