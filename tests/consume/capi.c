/* Uses the C library, also as C++: opens an engine, lists no threads, closes it. */
#include <chatbot.h>
#include <stdio.h>
#include <string.h>

static int fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  return 1;
}

int main(void) {
  const uint32_t header =
      CHATBOT_VERSION_MAJOR * 10000 + CHATBOT_VERSION_MINOR * 100 + CHATBOT_VERSION_PATCH;
  const char* json = "{\"userId\": \"ada\", \"mandateId\": null, \"roles\": [\"user\"]}";
  chatbot_options* options = chatbot_options_new();
  chatbot_engine* engine = NULL;
  chatbot_identity* caller = NULL;
  chatbot_bytes* threads = NULL;
  if (chatbot_version() != header) return fail("another version than the header's");
  chatbot_options_set(options, "store", "consumer.sqlite", strlen("consumer.sqlite"), NULL);
  if (chatbot_engine_open(options, &engine, NULL) != CHATBOT_OK) return fail("no engine");
  if (chatbot_identity_new(json, strlen(json), &caller, NULL) != CHATBOT_OK) return fail("nobody");
  if (chatbot_list(engine, caller, NULL, 0, &threads, NULL) != CHATBOT_OK) return fail("no list");
  if (strncmp(chatbot_bytes_data(threads), "{\"items\":[]", 11) != 0) return fail("another list");
  chatbot_bytes_free(threads);
  chatbot_identity_free(caller);
  chatbot_options_free(options);
  chatbot_engine_free(engine);
  return 0;
}
