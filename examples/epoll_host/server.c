#include "server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "options.h"
#include "streaming.h"

enum { kBacklog = 4096, kMaxUnsent = 64 * 1024 };

static const struct timeval kPause = {0, 100000};
static const struct timeval kTimeToEnd = {0, 500000}; /* for clients that do not read */

/* A client that reads nothing keeps little in the system, too. */
static void prepareSocket(evutil_socket_t socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_NOTSENT_LOWAT
  const int unsent = kMaxUnsent;
  setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
#endif
}

static void onClient(struct evconnlistener* listener, evutil_socket_t socket,
                     struct sockaddr* address, int size, void* context) {
  (void)listener, (void)address, (void)size;
  prepareSocket(socket);
  if (!openConnection(context, socket)) close(socket);
}

static void acceptAgain(evutil_socket_t none, short events, void* context) {
  (void)none, (void)events;
  Server* const server = context;
  if (server->listener != NULL) evconnlistener_enable(server->listener);
}

/* No descriptor is left: the client waits until one is. */
static void onAcceptFailure(struct evconnlistener* listener, void* context) {
  Server* const server = context;
  complain("a connection cannot be accepted: %s", strerror(errno));
  evconnlistener_disable(listener);
  event_base_once(server->base, -1, EV_TIMEOUT, acceptAgain, server, &kPause);
}

static void onStop(evutil_socket_t signal, short events, void* context) {
  (void)signal, (void)events;
  Server* const server = context;
  if (server->isStopping) return;
  server->isStopping = true;
  evconnlistener_free(server->listener);
  server->listener = NULL;
  event_base_loopexit(server->base, &kTimeToEnd); /* from the signal on */
  chatbot_engine_shutdown(server->engine);
  stopConnections(server);
}

static bool listenOn(Server* server, const struct addrinfo* place) {
  const unsigned flags =
      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | LEV_OPT_DISABLED;
  server->listener = evconnlistener_new_bind(server->base, onClient, server, flags, kBacklog,
                                             place->ai_addr, (int)place->ai_addrlen);
  if (server->listener == NULL) return false;
  evconnlistener_set_error_cb(server->listener, onAcceptFailure);
  return true;
}

static bool listenAt(Server* server, const char* address, const char* port) {
  const struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
  struct addrinfo* places = NULL;
  const int failure = getaddrinfo(address, port, &hints, &places);
  const bool listens = failure == 0 && listenOn(server, places);
  if (!listens) {
    complain("cannot listen on %s, port %s: %s", address, port,
             failure == 0 ? strerror(errno) : gai_strerror(failure));
  }
  if (places != NULL) freeaddrinfo(places);
  return listens;
}

static bool watchStreams(Server* server) {
  chatbot_error* failure = NULL;
  intptr_t ready = -1;
  if (chatbot_waitset_new(server->engine, &server->streams, &failure) != CHATBOT_OK ||
      chatbot_waitset_pollable(server->streams, &ready, &failure) != CHATBOT_OK) {
    complain("%s", chatbot_error_message(failure));
    chatbot_error_free(failure);
    return false;
  }
  event_assign(&server->streamsReady, server->base, (evutil_socket_t)ready, EV_READ | EV_PERSIST,
               onStreamsReady, server);
  return event_add(&server->streamsReady, NULL) == 0;
}

static void watchSignals(Server* server) {
  evsignal_assign(&server->interrupted, server->base, SIGINT, onStop, server);
  evsignal_assign(&server->terminated, server->base, SIGTERM, onStop, server);
  /* libevent puts these back at its end: a second signal must not kill what is ending already. */
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  evsignal_add(&server->interrupted, NULL);
  evsignal_add(&server->terminated, NULL);
}

bool openServer(Server* server, chatbot_engine* engine, const char* address, const char* port) {
  server->engine = engine;
  server->base = event_base_new();
  if (server->base == NULL) {
    complain("the event loop cannot be made");
    return false;
  }
  if (!listenAt(server, address, port) || !watchStreams(server)) return false;
  watchSignals(server);
  return true;
}

int boundPort(const Server* server) {
  struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
  socklen_t size = sizeof address;
  getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr*)&address, &size);
  const bool isIpv6 = address.ss_family == AF_INET6;
  return ntohs(isIpv6 ? ((struct sockaddr_in6*)&address)->sin6_port
                      : ((struct sockaddr_in*)&address)->sin_port);
}

void runServer(Server* server) {
  evconnlistener_enable(server->listener);
  event_base_dispatch(server->base);
  while (server->connections != NULL) closeConnection(server->connections);
}

void closeServer(Server* server) {
  if (server->streams != NULL) event_del(&server->streamsReady);
  chatbot_waitset_free(server->streams);
  if (server->listener != NULL) evconnlistener_free(server->listener);
  if (server->base != NULL) event_base_free(server->base);
}
