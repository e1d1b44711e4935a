/* One client: requests in, answers or a stream out. */
#pragma once

#include <event2/buffer.h>

#include "request.h"
#include "server.h"

/* What a connection does. Everything that it does not need for that is given back, so that an idle
 * stream costs little more than this. */
struct Connection {
  Server* server;
  Connection* previous;
  Connection* next;
  struct event readable;
  struct event writable;
  struct evbuffer* input;  /* NULL when there is nothing */
  struct evbuffer* output; /* what the client has not taken yet; NULL when there is nothing */
  Request* request;        /* whose body is being read; NULL otherwise */
  chatbot_stream* stream;  /* NULL when none is running */
  bool isHttp10;           /* a stream ends with the connection, and is not chunked */
  bool closesAfter;        /* the answer that is being sent is the last one */
  bool isLingering;        /* nothing is read or written any more, until the client closes too */
  int dropped;             /* reads since then */
};

/* Takes over the socket if it succeeds. */
bool openConnection(Server* server, evutil_socket_t socket);

/* Closes it at once, whatever it does, and frees it. */
void closeConnection(Connection* connection);

/* Closes those that do nothing; the others when they have done it. */
void stopConnections(Server* server);

/* Goes on with what comes next, if there is nothing left to be sent. False when the connection is
 * to be closed. */
bool proceed(Connection* connection);
