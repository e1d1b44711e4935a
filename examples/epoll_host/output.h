/* What goes to the client. Functions answer false when the connection is to be closed. */
#pragma once

#include "connection.h"

evutil_socket_t socketOf(const Connection* connection);

/* Frees it, if it is there, and sets it to NULL. */
void freeBuffer(struct evbuffer** buffer);

/* Sends, or keeps what the client does not take now. Nothing may be kept before. */
bool sendBytes(Connection* connection, const char* bytes, size_t size);

/* Sends, or goes on sending, what is in `output`. */
bool sendOutput(Connection* connection);
