#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "output.h"
#include "streaming.h"

static const struct timeval kKeepAlive = {15, 0};
static const struct timeval kReadTimeout = {5, 0};
static const struct timeval kLinger = {2, 0};

enum { kMaxDropped = 256 }; /* reads, of a client that does not end */

static void dropIfEmpty(struct evbuffer** buffer) {
  if (*buffer != NULL && evbuffer_get_length(*buffer) == 0) freeBuffer(buffer);
}

void closeConnection(Connection* connection) {
  Server* const server = connection->server;
  event_del(&connection->readable);
  event_del(&connection->writable);
  chatbot_stream_free(connection->stream);
  close(socketOf(connection));
  freeBuffer(&connection->input);
  freeBuffer(&connection->output);
  freeRequest(connection->request);
  if (connection->next != NULL) connection->next->previous = connection->previous;
  *(connection->previous ? &connection->previous->next : &server->connections) = connection->next;
  free(connection);
  if (server->isStopping && server->connections == NULL) event_base_loopbreak(server->base);
}

static void closeUnless(bool isGoodToGoOn, Connection* connection) {
  if (!isGoodToGoOn) closeConnection(connection);
}

/* Says goodbye. A socket that is closed while bytes of the client are unread, or on their way,
 * would make the system throw away what the client has not read yet. */
static bool finish(Connection* connection) {
  if (connection->server->isStopping) return false;
  connection->isLingering = true;
  shutdown(socketOf(connection), SHUT_WR);
  return event_add(&connection->readable, &kLinger) == 0;
}

static bool awaitInput(Connection* connection) {
  const bool isIdle = connection->input == NULL && connection->request == NULL;
  if (isIdle && connection->server->isStopping) return false;
  return event_add(&connection->readable, isIdle ? &kKeepAlive : &kReadTimeout) == 0;
}

/* Takes what is there of a request. */
static int readRequest(Connection* connection) {
  if (connection->input == NULL) return kMoreNeeded;
  if (connection->request == NULL) {
    const int state = readHead(connection->input, &connection->request);
    if (state != kRequestRead) return state;
    const int body = readBody(connection->input, connection->request);
    if (body != kMoreNeeded || !expectsContinue(connection->request)) return body;
    addContinue(connection);
    return body;
  }
  return readBody(connection->input, connection->request);
}

/* Answers one request, if it is there. */
static bool answerNext(Connection* connection, int state) {
  if (state == kRequestRead) {
    answerRequest(connection, connection->request);
  } else {
    connection->closesAfter = true;
    answerError(connection, state);
  }
  freeRequest(connection->request);
  connection->request = NULL;
  return connection->output != NULL && sendOutput(connection);
}

/* What its client sends is read still: so it is seen when the client has gone. */
static bool beginStream(Connection* connection) {
  event_remove_timer(&connection->readable);
  if (event_add(&connection->readable, NULL) != 0) return false;
  return connection->output != NULL || resumeStream(connection);
}

/* Waits for the rest of a request, with what the client has to be told first. */
static bool awaitRest(Connection* connection) {
  if (connection->output != NULL && !sendOutput(connection)) return false;
  return connection->output != NULL || awaitInput(connection);
}

bool proceed(Connection* connection) {
  while (connection->output == NULL) {
    if (connection->closesAfter) return finish(connection);
    const int state = readRequest(connection);
    dropIfEmpty(&connection->input);
    if (state == kMoreNeeded) return awaitRest(connection);
    if (!answerNext(connection, state)) return false;
    if (connection->stream != NULL) return beginStream(connection);
  }
  return true;
}

static bool goOn(Connection* connection) {
  if (connection->output != NULL) return true;
  return connection->stream != NULL ? resumeStream(connection) : proceed(connection);
}

static void onWritable(evutil_socket_t socket, short events, void* context) {
  (void)socket;
  Connection* const connection = context;
  closeUnless((events & EV_TIMEOUT) == 0 && sendOutput(connection) && goOn(connection), connection);
}

static bool takeInput(Connection* connection, const char* bytes, size_t size) {
  if (connection->isLingering) return ++connection->dropped < kMaxDropped;
  if (connection->stream != NULL) {
    connection->closesAfter = true; /* nobody keeps what comes while a stream runs */
    return true;
  }
  if (connection->input == NULL) connection->input = evbuffer_new();
  if (connection->input == NULL) return false;
  return evbuffer_add(connection->input, bytes, size) == 0 && proceed(connection);
}

static void onReadable(evutil_socket_t socket, short events, void* context) {
  static char bytes[64 * 1024];
  Connection* const connection = context;
  const bool isTooLate = (events & EV_TIMEOUT) != 0;
  const ssize_t size = isTooLate ? 0 : recv(socket, bytes, sizeof bytes, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  closeUnless(size > 0 && takeInput(connection, bytes, (size_t)size), connection);
}

bool openConnection(Server* server, evutil_socket_t socket) {
  Connection* const connection = calloc(1, sizeof *connection);
  if (connection == NULL) return false;
  connection->server = server;
  connection->next = server->connections;
  if (connection->next != NULL) connection->next->previous = connection;
  server->connections = connection;
  event_assign(&connection->readable, server->base, socket, EV_READ | EV_PERSIST, onReadable,
               connection);
  event_assign(&connection->writable, server->base, socket, EV_WRITE | EV_PERSIST, onWritable,
               connection);
  closeUnless(awaitInput(connection), connection);
  return true;
}

void stopConnections(Server* server) {
  Connection* next = server->connections;
  while (next != NULL) {
    Connection* const connection = next;
    next = connection->next;
    const bool isBusy = connection->stream != NULL || connection->output != NULL;
    connection->closesAfter = true;
    closeUnless(isBusy, connection);
  }
  if (server->connections == NULL) event_base_loopbreak(server->base);
}
