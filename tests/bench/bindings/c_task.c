/* The task by the C library: c_task FOLDER. */
#define _POSIX_C_SOURCE 200809L
#include <chatbot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "task.h"

static const char* const kCaller =
    "{\"userId\": \"u0\", \"mandateId\": \"m0\", \"roles\": [\"user\"]}";

static void must(chatbot_status status, chatbot_error* error) {
  if (status == CHATBOT_OK) return;
  fprintf(stderr, "%s: %s\n", chatbot_status_name(status), chatbot_error_message(error));
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void set(chatbot_options* options, const char* name, const char* value) {
  chatbot_error* error = NULL;
  must(chatbot_options_set(options, name, value, strlen(value), &error), error);
}

static chatbot_engine* openEngine(const char* folder, const char* name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  chatbot_options* const options = chatbot_options_new();
  set(options, "store", path);
  set(options, "responder", "host");
  set(options, "rateLimit", "0");
  set(options, "maxStreamsPerUser", "1000");
  chatbot_engine* engine = NULL;
  chatbot_error* error = NULL;
  must(chatbot_engine_open(options, &engine, &error), error);
  chatbot_options_free(options);
  return engine;
}

static chatbot_identity* caller(void) {
  chatbot_identity* identity = NULL;
  chatbot_error* error = NULL;
  must(chatbot_identity_new(kCaller, strlen(kCaller), &identity, &error), error);
  return identity;
}

static void list(const char* folder, const chatbot_identity* user) {
  chatbot_engine* const engine = openEngine(folder, "list.sqlite");
  const double begin = now();
  for (int i = 0; i < LIST_REQUESTS; ++i) {
    chatbot_response* response = NULL;
    chatbot_error* error = NULL;
    must(chatbot_serve(engine, user, "GET", 3, LIST_TARGET, strlen(LIST_TARGET), NULL, 0, NULL, 0,
                       &response, &error),
         error);
    if (chatbot_response_status(response) != 200) exit(EXIT_FAILURE);
    chatbot_response_free(response);
  }
  printf("list %.2f\n", (now() - begin) / LIST_REQUESTS);
  chatbot_engine_free(engine);
}

/* Of the workflow that `json` describes, or of the first in a list of them. */
static void copyId(const char* json, char* id, size_t capacity) {
  const char* const mark = "\"id\":\"";
  const char* const begin = strstr(json, mark) + strlen(mark);
  snprintf(id, capacity, "%.*s", (int)strcspn(begin, "\""), begin);
}

static chatbot_stream* join(chatbot_engine* engine, const chatbot_identity* user, const char* id) {
  chatbot_stream* stream = NULL;
  chatbot_error* error = NULL;
  must(chatbot_join(engine, user, id, strlen(id), NULL, 0, 0, &stream, &error), error);
  return stream;
}

/* Reads until nothing comes within the timeout. */
static int readAll(chatbot_stream* stream, int64_t timeout) {
  int items = 0;
  chatbot_bytes* event = NULL;
  while (chatbot_stream_next(stream, timeout, NULL, &event, NULL) == CHATBOT_OK) {
    ++items;
    chatbot_bytes_free(event);
  }
  return items;
}

static void readItems(const char* folder, const chatbot_identity* user) {
  chatbot_engine* const engine = openEngine(folder, "thread.sqlite");
  chatbot_bytes* threads = NULL;
  chatbot_error* error = NULL;
  must(chatbot_list(engine, user, NULL, 0, &threads, &error), error);
  char id[64];
  copyId(chatbot_bytes_data(threads), id, sizeof id);
  chatbot_bytes_free(threads);
  int items = 0;
  const double begin = now();
  for (int i = 0; i < THREAD_READS; ++i) {
    chatbot_stream* const stream = join(engine, user, id);
    items += readAll(stream, -1);
    chatbot_stream_free(stream);
  }
  printf("item %.3f\n", (now() - begin) / items);
  chatbot_engine_free(engine);
}

static double statusOf(const char* field) {
  FILE* const file = fopen("/proc/self/status", "r");
  char line[256];
  double value = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, field, strlen(field)) == 0) value = atof(line + strlen(field));
  }
  fclose(file);
  return value;
}

static void startOne(chatbot_engine* engine, const chatbot_identity* user, char* id, size_t size) {
  const char* const input = "{\"prompt\": \"wait\"}";
  chatbot_bytes* workflow = NULL;
  chatbot_error* error = NULL;
  must(chatbot_start(engine, user, input, strlen(input), NULL, 0, 0, &workflow, NULL, &error),
       error);
  copyId(chatbot_bytes_data(workflow), id, size);
  chatbot_bytes_free(workflow);
}

static void waitForMany(const char* folder, const chatbot_identity* user) {
  static chatbot_stream* streams[STREAMS];
  char ids[STREAM_WORKFLOWS][64];
  uint64_t ready[64];
  size_t count = 0;
  chatbot_engine* const engine = openEngine(folder, "streams.sqlite");
  chatbot_waitset* waits = NULL;
  chatbot_error* error = NULL;
  must(chatbot_waitset_new(engine, &waits, &error), error);
  for (int i = 0; i < STREAM_WORKFLOWS; ++i) startOne(engine, user, ids[i], sizeof ids[i]);
  const double before = statusOf("VmRSS:");
  for (int i = 0; i < STREAMS; ++i) {
    streams[i] = join(engine, user, ids[i % STREAM_WORKFLOWS]);
    readAll(streams[i], 0);
    must(chatbot_waitset_add(waits, streams[i], (uint64_t)i, &error), error);
  }
  chatbot_waitset_wait(waits, 200, ready, 64, &count, NULL);
  printf("threads %.0f\n", statusOf("Threads:"));
  printf("KiB %.2f\n", (statusOf("VmRSS:") - before) / STREAMS);
  for (int i = 0; i < STREAMS; ++i) chatbot_stream_free(streams[i]);
  chatbot_waitset_free(waits);
  chatbot_engine_free(engine);
}

int main(int count, char** arguments) {
  if (count != 2) return 2;
  chatbot_identity* const user = caller();
  list(arguments[1], user);
  readItems(arguments[1], user);
  waitForMany(arguments[1], user);
  chatbot_identity_free(user);
  return 0;
}
