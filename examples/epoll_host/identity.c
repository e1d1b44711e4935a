#include "identity.h"

#include <string.h>

#include "json.h"

static const char* const kNames[] = {"X-User-Id", "X-Mandate-Id", "X-Roles"};

chatbot_identity* demoUser(void) {
  static const char json[] = "{\"userId\":\"demo\",\"mandateId\":\"demo\",\"roles\":[\"user\"]}";
  chatbot_identity* identity = NULL;
  chatbot_identity_new(json, sizeof json - 1, &identity, NULL);
  return identity;
}

static void addRoles(struct evbuffer* json, const char* list) {
  const char* separator = "";
  while (*list != '\0') {
    list += strspn(list, ", \t");
    size_t length = strcspn(list, ",");
    const char* const next = list + length;
    while (length > 0 && strchr(" \t", list[length - 1]) != NULL) --length;
    if (length > 0) {
      addPlain(json, separator);
      addJsonText(json, list, length);
      separator = ",";
    }
    list = next;
  }
}

static void addIdentity(struct evbuffer* json, const char* user, const char* mandate,
                        const char* roles) {
  addPlain(json, "{\"userId\":");
  addJsonText(json, user, strlen(user));
  addPlain(json, ",\"mandateId\":");
  addJsonText(json, mandate, strlen(mandate));
  addPlain(json, ",\"roles\":[");
  addRoles(json, roles);
  addPlain(json, "]}");
}

static chatbot_identity* makeIdentity(struct evbuffer* json, struct evbuffer* error) {
  size_t size = 0;
  const char* const text = wholeText(json, &size);
  chatbot_identity* identity = NULL;
  chatbot_error* failure = NULL;
  if (chatbot_identity_new(text, size, &identity, &failure) != CHATBOT_OK) {
    addPlain(error, chatbot_error_detail_json(failure));
    chatbot_error_free(failure);
  }
  return identity;
}

chatbot_identity* identityFromHeaders(const Request* request, struct evbuffer* error) {
  const char* values[3];
  for (size_t i = 0; i < 3; ++i) {
    size_t count = 0;
    values[i] = findHeader(request, kNames[i], &count);
    if (count <= 1) continue;
    /* A proxy that adds to the client's own headers instead of replacing them is not trusted. */
    evbuffer_add_printf(error, "{\"detail\":\"%s was given more than once\"}", kNames[i]);
    return NULL;
  }
  if (values[0] == NULL) {
    addPlain(error, "{\"detail\":\"X-User-Id is missing\"}");
    return NULL;
  }
  struct evbuffer* const json = evbuffer_new();
  if (json == NULL) return NULL;
  addIdentity(json, values[0], values[1] ? values[1] : "", values[2] ? values[2] : "");
  chatbot_identity* const identity = makeIdentity(json, error);
  evbuffer_free(json);
  return identity;
}
