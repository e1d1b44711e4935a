#include "head.h"

#include <string.h>

typedef struct {
  int status;
  const char* reason;
} Reason;

static const Reason kReasons[] = {{200, "OK"},
                                  {204, "No Content"},
                                  {400, "Bad Request"},
                                  {401, "Unauthorized"},
                                  {403, "Forbidden"},
                                  {404, "Not Found"},
                                  {405, "Method Not Allowed"},
                                  {409, "Conflict"},
                                  {413, "Content Too Large"},
                                  {422, "Unprocessable Content"},
                                  {429, "Too Many Requests"},
                                  {431, "Request Header Fields Too Large"},
                                  {500, "Internal Server Error"},
                                  {501, "Not Implemented"},
                                  {503, "Service Unavailable"}};

const char* reasonOf(int status) {
  for (size_t i = 0; i < sizeof kReasons / sizeof *kReasons; ++i) {
    if (kReasons[i].status == status) return kReasons[i].reason;
  }
  return "Status";
}

void addStatus(Connection* connection, int status) {
  evbuffer_add_printf(connection->output, "HTTP/1.1 %d %s\r\n", status, reasonOf(status));
  if (connection->closesAfter) addHeader(connection, "Connection", "close");
}

void addHeader(Connection* connection, const char* name, const char* value) {
  evbuffer_add_printf(connection->output, "%s: %s\r\n", name, value);
}

void addBody(Connection* connection, const Request* request, const void* body, size_t size) {
  evbuffer_add_printf(connection->output, "Content-Length: %zu\r\n\r\n", size);
  const bool isHeadOnly = request != NULL && strcmp(request->method, "HEAD") == 0;
  if (!isHeadOnly) evbuffer_add(connection->output, body, size);
}
