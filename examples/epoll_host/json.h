/* JSON text, appended to a buffer. */
#pragma once

#include "request.h"

/* A JSON string of UTF-8 text. */
void addJsonText(struct evbuffer* json, const char* text, size_t size);

/* A request's headers as an object of texts; those of one name are joined. */
void addHeadersJson(struct evbuffer* json, const Request* request);

/* `text` as it stands. */
void addPlain(struct evbuffer* buffer, const char* text);

/* All that was appended, in one piece. */
const char* wholeText(struct evbuffer* buffer, size_t* size);
