/* One loop, one thread: the page at `/`, the chatbot endpoints at `/api/chatbot`, 404 elsewhere. */
#pragma once

#include <chatbot.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <stdbool.h>

typedef struct Connection Connection;

typedef struct {
  struct event_base* base;
  struct evconnlistener* listener;
  chatbot_engine* engine;
  chatbot_waitset* streams; /* those whose clients can take more */
  struct event streamsReady;
  struct event interrupted;
  struct event terminated;
  Connection* connections;
  bool trustIdentityHeaders;
  bool isStopping;
} Server;

/* Listens, with `port` being "0" for any free one. The engine stays the caller's. False, with a
 * line that says why, when that is not possible. */
bool openServer(Server* server, chatbot_engine* engine, const char* address, const char* port);

/* The port that was bound. */
int boundPort(const Server* server);

/* Serves until a signal asks for the end; then ends the engine's streams and, within a second, all
 * connections. */
void runServer(Server* server);

void closeServer(Server* server);
