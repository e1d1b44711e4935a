/* Server-sent events, from the library to the clients. */
#pragma once

#include "connection.h"

/* The wait set's event. */
void onStreamsReady(evutil_socket_t pollable, short events, void* server);

/* Begins with, or goes on with, the connection's stream: nothing of it waits to be sent. False when
 * the connection is to be closed. */
bool resumeStream(Connection* connection);
