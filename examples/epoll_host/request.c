#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "body.h"

static const size_t kMaxHead = 32 * 1024;

bool isSameName(const char* name, const char* other) { return strcasecmp(name, other) == 0; }

const char* findHeader(const Request* request, const char* name, size_t* count) {
  const char* value = NULL;
  *count = 0;
  for (size_t i = 0; i < request->headerCount; ++i) {
    if (!isSameName(request->headers[i].name, name)) continue;
    if ((*count)++ == 0) value = request->headers[i].value;
  }
  return value;
}

bool asksForClose(const Request* request) {
  size_t count = 0;
  const char* const connection = findHeader(request, "Connection", &count);
  return request->isHttp10 || (connection != NULL && strcasecmp(connection, "close") == 0);
}

bool expectsContinue(const Request* request) {
  size_t count = 0;
  const char* const expected = findHeader(request, "Expect", &count);
  return expected != NULL && strcasecmp(expected, "100-continue") == 0;
}

/* Cuts the next line off. */
static char* nextLine(char** rest) {
  char* const line = *rest;
  char* const end = strstr(line, "\r\n");
  *end = '\0';
  *rest = end + 2;
  return line;
}

/* Cuts the text at the first `separator`; what is behind it, or NULL where there is none. */
static char* cutAt(char* text, char separator) {
  char* const found = strchr(text, separator);
  if (found == NULL) return NULL;
  *found = '\0';
  return found + 1;
}

static char* trim(char* text) {
  text += strspn(text, " \t");
  size_t length = strlen(text);
  while (length > 0 && strchr(" \t", text[length - 1]) != NULL) --length;
  text[length] = '\0';
  return text;
}

static bool isVisible(const char* text) {
  for (const char* at = text; *at != '\0'; ++at) {
    if ((unsigned char)*at <= ' ' || *at == 0x7f) return false;
  }
  return *text != '\0';
}

static bool parseRequestLine(char* line, Request* request) {
  char* const target = cutAt(line, ' ');
  char* const version = target == NULL ? NULL : cutAt(target, ' ');
  if (version == NULL || !isVisible(line) || !isVisible(target)) return false;
  request->method = line;
  request->target = target;
  request->isHttp10 = strcmp(version, "HTTP/1.0") == 0;
  return request->isHttp10 || strcmp(version, "HTTP/1.1") == 0;
}

static bool parseHeader(char* line, Header* header) {
  char* const value = cutAt(line, ':');
  if (value == NULL || !isVisible(line) || strpbrk(value, "\r\n") != NULL) return false;
  header->name = line;
  header->value = trim(value);
  return true;
}

static int parseHead(Request* request) {
  char* rest = request->head;
  if (!parseRequestLine(nextLine(&rest), request)) return 400;
  while (*rest != '\0') {
    if (request->headerCount == kMaxHeaders) return 431;
    if (!parseHeader(nextLine(&rest), &request->headers[request->headerCount++])) return 400;
  }
  return findBody(request);
}

/* The head's text without the empty line at its end. */
static int takeHead(struct evbuffer* input, size_t size, Request* request) {
  request->head = malloc(size + 1);
  if (request->head == NULL) return 503;
  evbuffer_remove(input, request->head, size);
  evbuffer_drain(input, 2);
  request->head[size] = '\0';
  return memchr(request->head, '\0', size) == NULL ? parseHead(request) : 400;
}

int readHead(struct evbuffer* input, Request** request) {
  const struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
  const size_t size = end.pos < 0 ? evbuffer_get_length(input) : (size_t)end.pos + 2;
  if (size > kMaxHead) return 431;
  if (end.pos < 0) return kMoreNeeded;
  *request = calloc(1, sizeof **request);
  return *request == NULL ? 503 : takeHead(input, size, *request);
}

void freeRequest(Request* request) {
  if (request == NULL) return;
  if (request->body != NULL) evbuffer_free(request->body);
  free(request->head);
  free(request);
}
