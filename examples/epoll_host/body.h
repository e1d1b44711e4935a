/* The body of a request: where it ends. */
#pragma once

#include "request.h"

/* Reads from the headers how the body is framed. */
int findBody(Request* request);
