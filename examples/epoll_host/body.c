#include "body.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const size_t kMaxKept = 2 * 1024 * 1024;
static const size_t kMaxLine = 4096;
static const size_t kMaxTrailers = 100;
static const size_t kMaxDigits = 15; /* of a length, so that it fits 64 bits */

static int parseLength(const char* text, uint64_t* length) {
  const size_t digits = strspn(text, "0123456789");
  if (digits == 0 || digits > kMaxDigits || text[digits] != '\0') return 400;
  *length = strtoull(text, NULL, 10);
  return kRequestRead;
}

/* A request whose end can be seen in two ways is not answered: somebody in between may have seen
 * the other one. */
int findBody(Request* request) {
  size_t lengths = 0;
  size_t encodings = 0;
  const char* const length = findHeader(request, "Content-Length", &lengths);
  const char* const encoding = findHeader(request, "Transfer-Encoding", &encodings);
  if (lengths + encodings > 1) return 400;
  request->body = evbuffer_new();
  if (request->body == NULL) return 503;
  request->part = encoding == NULL ? kBodyBytes : kChunkSize;
  if (encoding != NULL) return strcasecmp(encoding, "chunked") == 0 ? kRequestRead : 501;
  return length == NULL ? kRequestRead : parseLength(length, &request->left);
}

/* Takes what is there of the bytes that are left; whether that was all. */
static bool takeBytes(struct evbuffer* input, Request* request) {
  const size_t there = evbuffer_get_length(input);
  const size_t size = request->left < there ? (size_t)request->left : there;
  const size_t room = kMaxKept - evbuffer_get_length(request->body);
  const size_t kept = size < room ? size : room;
  evbuffer_remove_buffer(input, request->body, kept);
  evbuffer_drain(input, size - kept);
  request->left -= size;
  return request->left == 0;
}

static int takeChunkSize(const char* line, Request* request) {
  const size_t digits = strspn(line, "0123456789abcdefABCDEF");
  if (digits == 0 || digits > kMaxDigits || strchr("; \t", line[digits]) == NULL) return 400;
  request->left = strtoull(line, NULL, 16);
  request->part = request->left > 0 ? kChunkBytes : kTrailers;
  return kMoreNeeded;
}

static int takeChunkEnd(const char* line, Request* request) {
  request->part = kChunkSize;
  return *line == '\0' ? kMoreNeeded : 400;
}

static int takeTrailer(const char* line, Request* request) {
  if (*line == '\0') return kRequestRead;
  return ++request->trailers > kMaxTrailers ? 431 : kMoreNeeded;
}

static int takeLine(const char* line, Request* request) {
  if (request->part == kChunkSize) return takeChunkSize(line, request);
  if (request->part == kChunkEnd) return takeChunkEnd(line, request);
  return takeTrailer(line, request);
}

static int readChunks(struct evbuffer* input, Request* request) {
  int state = kMoreNeeded;
  while (state == kMoreNeeded) {
    if (request->part == kChunkBytes) {
      if (!takeBytes(input, request)) return kMoreNeeded;
      request->part = kChunkEnd;
    }
    char* const line = evbuffer_readln(input, NULL, EVBUFFER_EOL_CRLF_STRICT);
    if (line == NULL) return evbuffer_get_length(input) > kMaxLine ? 400 : kMoreNeeded;
    state = takeLine(line, request);
    free(line);
  }
  return state;
}

int readBody(struct evbuffer* input, Request* request) {
  if (request->part != kBodyBytes) return readChunks(input, request);
  return takeBytes(input, request) ? kRequestRead : kMoreNeeded;
}
