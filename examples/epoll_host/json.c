#include "json.h"

#include <string.h>

/* How much of the text needs no escape. `last` is the last byte that needs none. */
static size_t plainPrefix(const char* text, size_t size, unsigned char last) {
  size_t i = 0;
  while (i < size) {
    const unsigned char byte = (unsigned char)text[i];
    if (byte < 0x20 || byte > last || byte == '"' || byte == '\\') break;
    ++i;
  }
  return i;
}

static void addEscaped(struct evbuffer* json, const char* text, size_t size, unsigned char last) {
  while (size > 0) {
    const size_t plain = plainPrefix(text, size, last);
    evbuffer_add(json, text, plain);
    if (plain == size) return;
    evbuffer_add_printf(json, "\\u%04x", (unsigned char)text[plain]);
    text += plain + 1;
    size -= plain + 1;
  }
}

void addJsonText(struct evbuffer* json, const char* text, size_t size) {
  addPlain(json, "\"");
  addEscaped(json, text, size, 0xff);
  addPlain(json, "\"");
}

/* The bytes of a header are characters of ISO 8859-1. */
static void addBytes(struct evbuffer* json, const char* bytes) {
  addEscaped(json, bytes, strlen(bytes), 0x7e);
}

static bool isFirstOfItsName(const Request* request, size_t index) {
  size_t count = 0;
  const char* const name = request->headers[index].name;
  return findHeader(request, name, &count) == request->headers[index].value;
}

static void addMember(struct evbuffer* json, const Request* request, size_t index) {
  const Header* const headers = request->headers;
  addPlain(json, "\"");
  addBytes(json, headers[index].name);
  addPlain(json, "\":\"");
  addBytes(json, headers[index].value);
  for (size_t i = index + 1; i < request->headerCount; ++i) {
    if (!isSameName(headers[i].name, headers[index].name)) continue;
    addPlain(json, ", ");
    addBytes(json, headers[i].value);
  }
  addPlain(json, "\"");
}

void addHeadersJson(struct evbuffer* json, const Request* request) {
  const char* separator = "{";
  for (size_t i = 0; i < request->headerCount; ++i) {
    if (!isFirstOfItsName(request, i)) continue;
    addPlain(json, separator);
    addMember(json, request, i);
    separator = ",";
  }
  addPlain(json, *separator == '{' ? "{}" : "}");
}

void addPlain(struct evbuffer* buffer, const char* text) {
  evbuffer_add(buffer, text, strlen(text));
}

const char* wholeText(struct evbuffer* buffer, size_t* size) {
  *size = evbuffer_get_length(buffer);
  return (const char*)evbuffer_pullup(buffer, -1);
}
