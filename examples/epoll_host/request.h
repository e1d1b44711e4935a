/* Reading HTTP/1.1 requests. */
#pragma once

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { kMaxHeaders = 100 };

/* How far reading has come. Any other value is the HTTP status that refuses the request. */
enum { kRequestRead = 0, kMoreNeeded = -1 };

typedef struct {
  const char* name;
  const char* value;
} Header;

typedef enum { kBodyBytes, kChunkSize, kChunkBytes, kChunkEnd, kTrailers } BodyPart;

typedef struct {
  const char* method;
  const char* target;
  Header headers[kMaxHeaders];
  size_t headerCount;
  bool isHttp10;
  char* head; /* what all of the above points into */
  struct evbuffer* body;
  BodyPart part;   /* of the body, that comes next */
  uint64_t left;   /* bytes of that part */
  size_t trailers; /* lines after the last chunk */
} Request;

/* Takes a request's head out of `input`. */
int readHead(struct evbuffer* input, Request** request);

/* Takes the request's body, or what there is of it, out of `input`. Keeps at most somewhat more
 * than the library takes: it is the library that refuses a body which is too large. */
int readBody(struct evbuffer* input, Request* request);

void freeRequest(Request* request);

/* Whether two names of headers are one: their case does not count. */
bool isSameName(const char* name, const char* other);

/* The first header of that name, or NULL; and how many there are. */
const char* findHeader(const Request* request, const char* name, size_t* count);

/* Whether the client closes the connection after the answer, or cannot keep it open. */
bool asksForClose(const Request* request);

/* Whether the client waits to be told before it sends the body. */
bool expectsContinue(const Request* request);
