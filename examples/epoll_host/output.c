#include "output.h"

#include <errno.h>
#include <sys/socket.h>

static const struct timeval kWriteTimeout = {30, 0}; /* then the client is given up */

evutil_socket_t socketOf(const Connection* connection) {
  return event_get_fd(&connection->readable);
}

void freeBuffer(struct evbuffer** buffer) {
  if (*buffer != NULL) evbuffer_free(*buffer);
  *buffer = NULL;
}

/* Waits until the client takes more; until then nothing is made for it, nor read from it. */
static bool awaitClient(Connection* connection) {
  if (connection->stream == NULL) {
    event_del(&connection->readable);
  } else {
    chatbot_waitset_remove(connection->server->streams, connection->stream);
  }
  return event_add(&connection->writable, &kWriteTimeout) == 0;
}

bool sendBytes(Connection* connection, const char* bytes, size_t size) {
  const ssize_t sent = send(socketOf(connection), bytes, size, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
  const size_t taken = sent < 0 ? 0 : (size_t)sent;
  if (taken == size) return true;
  connection->output = evbuffer_new();
  if (connection->output == NULL) return false;
  return evbuffer_add(connection->output, bytes + taken, size - taken) == 0 &&
         awaitClient(connection);
}

bool sendOutput(Connection* connection) {
  if (evbuffer_write(connection->output, socketOf(connection)) < 0 && errno != EAGAIN &&
      errno != EINTR) {
    return false;
  }
  if (evbuffer_get_length(connection->output) > 0) return awaitClient(connection);
  freeBuffer(&connection->output);
  event_del(&connection->writable);
  return true;
}
