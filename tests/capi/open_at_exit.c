/* A process may end with an engine, a stream and a turn open: nothing crashes, nothing hangs. */
#include "check.h"

/* Reachable to the end. */
static chatbot_engine* engine;
static chatbot_identity* caller;
static chatbot_stream* stream;
static chatbot_turn* turn;

int main(int argc, char** argv) {
  char path[512];
  chatbot_options* options = chatbot_options_new();
  CHECK(argc > 1);
  snprintf(path, sizeof path, "%s/exit.sqlite", argv[1]);
  OK(chatbot_options_set(options, "store", STRING(path), &err));
  OK(chatbot_options_set(options, "responder", TEXT("host"), &err));
  OK(chatbot_engine_open(options, &engine, &err));
  chatbot_options_free(options);

  OK(chatbot_identity_new(TEXT("{\"userId\": \"ada\", \"mandateId\": null, \"roles\": [\"user\"]}"),
                          &caller, &err));
  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Goodbye\"}"), NULL, 0, 0, NULL, &stream,
                   &err));
  OK(chatbot_turn_take(engine, SOON_MS, &turn, &err));
  return 0;
}
