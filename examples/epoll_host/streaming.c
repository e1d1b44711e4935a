#include "streaming.h"

#include <stdio.h>
#include <string.h>

#include "output.h"

enum { kBatch = 256, kMaxFrames = 64 * 1024, kHeadSize = 8, kEndSize = 2 };

/* A chunk that is sent: one at a time, so it is shared by all connections. */
static char chunk[kHeadSize + kMaxFrames + kEndSize];
static char* const frames = chunk + kHeadSize;

static bool sendChunk(Connection* connection, size_t size) {
  char head[kHeadSize + 1];
  const size_t headSize = (size_t)snprintf(head, sizeof head, "%zx\r\n", size);
  memcpy(frames - headSize, head, headSize);
  memcpy(frames + size, "\r\n", kEndSize);
  return sendBytes(connection, frames - headSize, headSize + size + kEndSize);
}

static bool endStream(Connection* connection) {
  static const char lastChunk[] = "0\r\n\r\n";
  chatbot_stream_free(connection->stream);
  connection->stream = NULL;
  if (connection->isHttp10) return proceed(connection);
  return sendBytes(connection, lastChunk, sizeof lastChunk - 1) && proceed(connection);
}

/* Sends what there is. */
static bool sendFrames(Connection* connection) {
  size_t size = 0;
  switch (chatbot_stream_read(connection->stream, 0, frames, kMaxFrames, &size, NULL)) {
    case CHATBOT_OK:
      return connection->isHttp10 ? sendBytes(connection, frames, size)
                                  : sendChunk(connection, size);
    case CHATBOT_WOULD_BLOCK:
      return true;
    case CHATBOT_END:
      return endStream(connection);
    default:
      return false;
  }
}

void onStreamsReady(evutil_socket_t pollable, short events, void* context) {
  (void)pollable, (void)events;
  Server* const server = context;
  uint64_t tokens[kBatch];
  size_t count = 0;
  chatbot_waitset_wait(server->streams, 0, tokens, kBatch, &count, NULL);
  for (size_t i = 0; i < count; ++i) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the token is the pointer that resumeStream gave
    Connection* const connection = (Connection*)(uintptr_t)tokens[i];
    if (!sendFrames(connection)) closeConnection(connection);
  }
}

bool resumeStream(Connection* connection) {
  const uint64_t token = (uintptr_t)connection;
  return chatbot_waitset_add(connection->server->streams, connection->stream, token, NULL) ==
         CHATBOT_OK;
}
