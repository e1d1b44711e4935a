/* The library is loaded, used and unloaded, again and again: it leaves nothing behind, no thread
 * and no descriptor.
 *
 * reload FOLDER LIBRARY */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chatbot.h"

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: %s is not so\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

/* Looks up a function of the library by its name, as the type that the header declares. The address
 * goes through memory: C knows no conversion from an object's to a function's. */
#define LOOK_UP(pointer, library, name)       \
  do {                                        \
    void* found = dlsym(library, #name);      \
    CHECK(found != NULL);                     \
    memcpy(&pointer, &found, sizeof pointer); \
  } while (0)

static void use(void* library, const char* path) {
  chatbot_options* (*newOptions)(void);
  chatbot_status (*setOption)(chatbot_options*, const char*, const char*, size_t, chatbot_error**);
  void (*freeOptions)(chatbot_options*);
  chatbot_status (*openEngine)(const chatbot_options*, chatbot_engine**, chatbot_error**);
  void (*freeEngine)(chatbot_engine*);
  chatbot_identity* caller = NULL;
  chatbot_status (*newIdentity)(const char*, size_t, chatbot_identity**, chatbot_error**);
  void (*freeIdentity)(chatbot_identity*);
  chatbot_status (*start)(chatbot_engine*, const chatbot_identity*, const char*, size_t,
                          const char*, size_t, int32_t, chatbot_bytes**, chatbot_stream**,
                          chatbot_error**);
  chatbot_engine* engine = NULL;
  chatbot_options* options;
  const char* json = "{\"userId\": \"ada\", \"mandateId\": null, \"roles\": [\"user\"]}";
  const char* input = "{\"prompt\": \"Hello\"}";
  LOOK_UP(newOptions, library, chatbot_options_new);
  LOOK_UP(setOption, library, chatbot_options_set);
  LOOK_UP(freeOptions, library, chatbot_options_free);
  LOOK_UP(openEngine, library, chatbot_engine_open);
  LOOK_UP(freeEngine, library, chatbot_engine_free);
  LOOK_UP(newIdentity, library, chatbot_identity_new);
  LOOK_UP(freeIdentity, library, chatbot_identity_free);
  LOOK_UP(start, library, chatbot_start);

  options = newOptions();
  CHECK(setOption(options, "store", path, strlen(path), NULL) == CHATBOT_OK);
  CHECK(openEngine(options, &engine, NULL) == CHATBOT_OK);
  CHECK(newIdentity(json, strlen(json), &caller, NULL) == CHATBOT_OK);
  CHECK(start(engine, caller, input, strlen(input), NULL, 0, 0, NULL, NULL, NULL) == CHATBOT_OK);
  freeIdentity(caller);
  freeOptions(options);
  freeEngine(engine);
}

/* How many entries a folder of this process has: /proc/self/task, its threads. */
static int entries(const char* folder) {
  int count = 0;
  DIR* open = opendir(folder);
  CHECK(open != NULL);
  while (readdir(open) != NULL) ++count;
  closedir(open);
  return count;
}

/* A thread that was joined may be listed for a moment longer. */
static int threadsComeTo(int wanted) {
  const struct timespec pause = {0, 1000000};
  int tries;
  for (tries = 0; tries < 10000 && entries("/proc/self/task") != wanted; ++tries) {
    nanosleep(&pause, NULL);
  }
  return entries("/proc/self/task") == wanted;
}

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static void* waitForIt(void* unused) {
  pthread_mutex_lock(&held);
  pthread_mutex_unlock(&held);
  return unused;
}

/* How many threads there are, counted beside one more: a sanitizer starts one of its own with the
 * program's first. */
static int countThreads(void) {
  pthread_t other;
  int count;
  pthread_mutex_lock(&held);
  CHECK(pthread_create(&other, NULL, waitForIt, NULL) == 0);
  count = entries("/proc/self/task") - 1;
  pthread_mutex_unlock(&held);
  CHECK(pthread_join(other, NULL) == 0);
  return count;
}

int main(int argc, char** argv) {
  char path[512];
  int round;
  const int threads = countThreads();
  const int descriptors = entries("/proc/self/fd");
  CHECK(argc == 3);
  snprintf(path, sizeof path, "%s/reload.sqlite", argv[1]);
  for (round = 0; round < 10; ++round) {
    void* library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    use(library, path);
    CHECK(dlclose(library) == 0);
    CHECK(dlopen(argv[2], RTLD_NOW | RTLD_NOLOAD) == NULL); /* it is really gone */
    CHECK(threadsComeTo(threads));
    CHECK(entries("/proc/self/fd") == descriptors);
  }
  return 0;
}
