/* The parts of an answer. */
#pragma once

#include "connection.h"

const char* reasonOf(int status);

/* The status line, and what closes the connection where it is to be closed. */
void addStatus(Connection* connection, int status);

void addHeader(Connection* connection, const char* name, const char* value);

/* The end of the head, and the body, unless `request` (may be NULL) is for the head alone. */
void addBody(Connection* connection, const Request* request, const void* body, size_t size);
