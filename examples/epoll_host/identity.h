/* Who is calling. */
#pragma once

#include <chatbot.h>

#include "request.h"

/* The one caller of a host that trusts nobody's headers. NULL when there is no memory. */
chatbot_identity* demoUser(void);

/* The caller as an authenticating proxy has set it, or NULL: then `error` says in JSON what is
 * wrong. */
chatbot_identity* identityFromHeaders(const Request* request, struct evbuffer* error);
