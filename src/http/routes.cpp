#include "http/routes.h"

#include <algorithm>
#include <cctype>

#include "base/json_text.h"
#include "base/message.h"
#include "chatbot/error.h"
#include "http/bodies.h"

namespace chatbot::http {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::string_view kWorkflowId = "{workflowId}";

Response jsonResponse(std::string body) {
  Response response;
  response.headers.emplace_back("Content-Type", kJson);
  response.body = std::move(body);
  return response;
}

enum class EndFrame { none, sent };

Response streamResponse(std::unique_ptr<Stream> stream, EndFrame endFrame) {
  Response response;
  response.headers = {{"Content-Type", std::string(kEvents)},
                      {"Cache-Control", "no-cache"},
                      {"Connection", "keep-alive"},
                      {"X-Accel-Buffering", "no"}};
  response.stream = std::make_unique<SseStream>(std::move(stream), endFrame == EndFrame::sent);
  return response;
}

Deltas deltasOf(const Call& call) {
  const std::string text = call.target.parameter("deltas").value_or("false");
  if (text == "true") return Deltas::shown;
  if (text == "false") return Deltas::hidden;
  throw Error(ErrorCode::invalidArgument, "Invalid deltas parameter: it must be true or false");
}

std::optional<OnBusy> onBusyOf(const Call& call) {
  const std::optional<std::string> text = call.target.parameter("onBusy");
  if (!text) return std::nullopt;
  if (const std::optional<OnBusy> onBusy = onBusyFromText(*text)) return onBusy;
  throw Error(ErrorCode::invalidArgument,
              "Invalid onBusy parameter: it must be reject, interrupt or enqueue");
}

// The position that a client has read up to: the header of a reconnecting EventSource, or the
// query's.
std::optional<Position> lastEventId(const Call& call) {
  std::optional<std::string> text = call.header("Last-Event-ID");
  if (!text || text->empty()) text = call.target.parameter("lastEventId");
  if (!text && !call.target.has("lastEventId")) return std::nullopt;
  const std::optional<Position> position = parsePosition(text.value_or(""));
  if (!position) throw Error(ErrorCode::invalidArgument, "Invalid Last-Event-ID");
  return position;
}

// A client that asks for deltas knows the end frame too.
Response serveStart(const Call& call) {
  const Deltas deltas = deltasOf(call);
  const CheckedInput input = parseUserInput(call.request.body);
  StartedRound started = call.engine.start(call.caller, input,
                                           {.workflowId = call.target.parameter("workflowId"),
                                            .deltas = deltas,
                                            .onBusy = onBusyOf(call),
                                            .idempotencyKey = call.header("Idempotency-Key"),
                                            .after = lastEventId(call)});
  return streamResponse(std::move(started.stream),
                        deltas == Deltas::shown ? EndFrame::sent : EndFrame::none);
}

Response serveThreads(const Call& call) {
  if (const std::optional<std::string> id = call.target.parameter("workflowId")) {
    return jsonResponse(detailBody(call.engine.detail(call.caller, *id)));
  }
  const std::string pagination = call.target.parameter("pagination").value_or("");
  return jsonResponse(listBody(call.engine, call.caller, pagination));
}

// The same query as a body: a list of values may be longer than a URL can be.
Response serveThreadsQuery(const Call& call) {
  if (!call.target.query.empty()) {
    const std::string name = base::excerpt(call.target.query.front().first);
    throw Error(ErrorCode::invalidArgument, "Unknown query parameter " + name);
  }
  return jsonResponse(queriedPage(call.engine, call.caller, call.request.body));
}

Response serveOpenApi(const Call& call) { return jsonResponse(call.mount.openApi()); }

Response serveStop(const Call& call) {
  return jsonResponse(toJson(call.engine.stop(call.caller, call.workflowId)));
}

Response serveDelete(const Call& call) {
  call.engine.remove(call.caller, call.workflowId);
  std::string body;
  base::JsonObject(body)
      .field("id", call.workflowId)
      .field("message", "Chatbot workflow and associated data deleted successfully")
      .close();
  return jsonResponse(std::move(body));
}

Response serveRename(const Call& call) {
  const std::string name = parseRename(call.request.body);
  return jsonResponse(toJson(call.engine.rename(call.caller, call.workflowId, name)));
}

Response serveStream(const Call& call) {
  const Deltas deltas = deltasOf(call);
  JoinedStream joined = call.engine.join(call.caller, call.workflowId, lastEventId(call), deltas);
  if (joined.stream) return streamResponse(std::move(joined.stream), EndFrame::sent);
  Response nothing;
  nothing.status = 204;
  return nothing;
}

const std::vector<Route>& table() {
  static const std::vector<Route> routes = {
      {.method = "POST",
       .path = "/start/stream",
       .operation = "start",
       .serve = serveStart,
       .summary = "Start a workflow, or a new round of one, and stream it",
       .bodySchema = "UserInputRequest",
       .parameters = {{"workflowId", "query", "The workflow to continue; it wins over the body's"},
                      {"deltas", "query", "true: text as it is generated too, and an end frame"},
                      {"onBusy", "query",
                       "While a round of the workflow is running: reject, interrupt or enqueue"},
                      {"Idempotency-Key", "header",
                       "The same key with the same body joins the round that it has started"},
                      {"lastEventId", "query", "The place in that round that was read last"},
                      {"Last-Event-ID", "header", "The same; it wins over the query's"}},
       .answers = {{200, kEvents, ""}},
       .errors = {400, 403, 404, 409, 413, 422, 429, 500, 503}},
      {.method = "GET",
       .path = "/threads",
       .operation = "threads",
       .serve = serveThreads,
       .summary = "List chatbot workflows, or show one with all its items",
       .parameters = {{"workflowId", "query", "The workflow to show"},
                      {"pagination", "query", "PaginationParams as JSON text"}},
       .answers = {{200, kJson, "Threads"}},
       .errors = {400, 404, 413, 429, 500, 503}},
      {.method = "POST",
       .path = "/threads/query",
       .operation = "queryThreads",
       .serve = serveThreadsQuery,
       .summary = "List a page of chatbot workflows",
       .bodySchema = "PaginationParams",
       .answers = {{200, kJson, "Threads"}},
       .errors = {400, 413, 422, 429, 500, 503},
       .limitedAs = "threads"},
      {.method = "GET",
       .path = "/openapi.json",
       .operation = "openapi",
       .serve = serveOpenApi,
       .summary = "This document",
       .answers = {{200, kJson, ""}},
       .errors = {413, 429, 500}},
      {.method = "POST",
       .path = "/{workflowId}/stop",
       .operation = "stop",
       .serve = serveStop,
       .summary = "Stop the running round",
       .answers = {{200, kJson, "ChatWorkflow"}},
       .errors = {400, 403, 404, 413, 429, 500, 503}},
      {.method = "GET",
       .path = "/{workflowId}/stream",
       .operation = "stream",
       .serve = serveStream,
       .summary = "Join the stream of a workflow; 204 when nothing more will come",
       .parameters = {{"deltas", "query", "true: text as it is generated too"},
                      {"lastEventId", "query", "The place that was read last"},
                      {"Last-Event-ID", "header", "The same; it wins over the query's"}},
       .answers = {{200, kEvents, ""}, {204, "", ""}},
       .errors = {400, 404, 409, 413, 429, 500, 503}},
      {.method = "DELETE",
       .path = "/{workflowId}",
       .operation = "delete",
       .serve = serveDelete,
       .summary = "Delete a workflow and all that belongs to it",
       .answers = {{200, kJson, "Deleted"}},
       .errors = {400, 403, 404, 413, 429, 500, 503}},
      {.method = "PATCH",
       .path = "/{workflowId}",
       .operation = "rename",
       .serve = serveRename,
       .summary = "Rename a workflow",
       .bodySchema = "Rename",
       .answers = {{200, kJson, "ChatWorkflow"}},
       .errors = {400, 403, 404, 413, 422, 429, 500, 503}},
  };
  return routes;
}

// The workflow's id where the path is the pattern's; empty text for a pattern without one.
std::optional<std::string> fits(std::string_view pattern, std::span<const std::string> segments) {
  const Target wanted = parseTarget(pattern);
  if (wanted.segments.size() != segments.size()) return std::nullopt;
  std::string workflowId;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool isId = wanted.segments[i] == kWorkflowId && !segments[i].empty();
    if (isId) workflowId = segments[i];
    if (!isId && wanted.segments[i] != segments[i]) return std::nullopt;
  }
  return workflowId;
}

bool sameIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

std::optional<std::string> Call::header(std::string_view name) const {
  for (const auto& [key, value] : request.headers) {
    if (sameIgnoringCase(key, name)) return value;
  }
  return std::nullopt;
}

std::span<const Route> routes() { return table(); }

// The first pattern that fits is the path's; fixed ones stand before those with an id.
Match match(std::string_view method, std::span<const std::string> segments) {
  Match found;
  std::string_view path;
  for (const Route& route : table()) {
    if (!path.empty() && route.path != path) continue;
    const std::optional<std::string> workflowId = fits(route.path, segments);
    if (!workflowId) continue;
    path = route.path;
    found.workflowId = *workflowId;
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += route.method;
    if (route.method == method) found.route = &route;
  }
  return found;
}

}  // namespace chatbot::http
