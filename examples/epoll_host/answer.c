#include "answer.h"

#include <string.h>

#include "head.h"
#include "identity.h"
#include "json.h"
#include "page.h"

static const char kPrefix[] = "/api/chatbot";

static void answerJson(Connection* connection, const Request* request, int status,
                       struct evbuffer* json) {
  size_t size = 0;
  const char* const text = wholeText(json, &size);
  addStatus(connection, status);
  addHeader(connection, "Content-Type", "application/json");
  addBody(connection, request, text, size);
}

static void answerDetail(Connection* connection, const Request* request, int status) {
  struct evbuffer* const json = evbuffer_new();
  if (json == NULL) return;
  evbuffer_add_printf(json, "{\"detail\":\"%s\"}", reasonOf(status));
  answerJson(connection, request, status, json);
  evbuffer_free(json);
}

static void answerPage(Connection* connection, const Request* request) {
  addStatus(connection, 200);
  addHeader(connection, "Content-Type", "text/html; charset=utf-8");
  addHeader(connection, "Cache-Control", "no-cache");
  addHeader(connection, "X-Content-Type-Options", "nosniff");
  addHeader(connection, "Content-Security-Policy",
            "default-src 'none'; connect-src 'self'; img-src data:; "
            "script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  addBody(connection, request, kPage, kPageSize);
}

/* What the library says, but for the connection, which may be about to be closed. */
static void addHeaders(Connection* connection, const chatbot_response* response) {
  const size_t count = chatbot_response_header_count(response);
  for (size_t i = 0; i < count; ++i) {
    const char* value = NULL;
    const char* const name = chatbot_response_header(response, i, &value);
    if (connection->closesAfter && isSameName(name, "Connection")) continue;
    addHeader(connection, name, value);
  }
}

static void answerResponse(Connection* connection, const Request* request,
                           chatbot_response* response) {
  const int32_t status = chatbot_response_status(response);
  addStatus(connection, status);
  addHeaders(connection, response);
  connection->stream = chatbot_response_take_stream(response);
  if (connection->stream != NULL) {
    if (!connection->isHttp10) addHeader(connection, "Transfer-Encoding", "chunked");
    addPlain(connection->output, "\r\n");
  } else if (status == 204) {
    addPlain(connection->output, "\r\n");
  } else {
    size_t size = 0;
    const char* const body = chatbot_response_body(response, &size);
    addBody(connection, request, body, size);
  }
}

static void serve(Connection* connection, const Request* request, const chatbot_identity* caller,
                  struct evbuffer* buffer) {
  addHeadersJson(buffer, request);
  size_t headersSize = 0;
  const char* const headers = wholeText(buffer, &headersSize);
  size_t bodySize = 0;
  const char* const body = wholeText(request->body, &bodySize);
  chatbot_response* response = NULL;
  chatbot_error* failure = NULL;
  if (chatbot_serve(connection->server->engine, caller, request->method, strlen(request->method),
                    request->target, strlen(request->target), headers, headersSize, body, bodySize,
                    &response, &failure) == CHATBOT_OK) {
    answerResponse(connection, request, response);
  } else {
    evbuffer_drain(buffer, headersSize);
    addPlain(buffer, chatbot_error_detail_json(failure));
    answerJson(connection, request, chatbot_error_http_status(failure), buffer);
  }
  chatbot_error_free(failure);
  chatbot_response_free(response);
}

static void answerByLibrary(Connection* connection, const Request* request) {
  struct evbuffer* const buffer = evbuffer_new();
  if (buffer == NULL) return;
  chatbot_identity* const caller =
      connection->server->trustIdentityHeaders ? identityFromHeaders(request, buffer) : demoUser();
  if (caller != NULL) {
    serve(connection, request, caller, buffer);
  } else {
    answerJson(connection, request, 401, buffer);
  }
  chatbot_identity_free(caller);
  evbuffer_free(buffer);
}

static bool isBelowPrefix(const char* target) {
  const size_t length = sizeof kPrefix - 1;
  return strncmp(target, kPrefix, length) == 0 && strchr("/?", target[length]) != NULL;
}

static bool asksForPage(const Request* request) {
  const bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
  return reads && request->target[0] == '/' && strchr("?", request->target[1]) != NULL;
}

void answerRequest(Connection* connection, const Request* request) {
  connection->output = evbuffer_new();
  if (connection->output == NULL) return;
  connection->isHttp10 = request->isHttp10;
  connection->closesAfter = connection->closesAfter || asksForClose(request);
  if (isBelowPrefix(request->target)) {
    answerByLibrary(connection, request);
  } else if (asksForPage(request)) {
    answerPage(connection, request);
  } else {
    answerDetail(connection, request, 404);
  }
}

void answerError(Connection* connection, int status) {
  connection->output = evbuffer_new();
  if (connection->output != NULL) answerDetail(connection, NULL, status);
}

void addContinue(Connection* connection) {
  connection->output = evbuffer_new();
  if (connection->output != NULL) addPlain(connection->output, "HTTP/1.1 100 Continue\r\n\r\n");
}
