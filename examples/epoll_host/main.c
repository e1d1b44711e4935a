/* chatbot-epoll-host: serves the chatbot endpoints, and a page to use them with, by the C library
 * and libevent, all of it on one thread. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "options.h"
#include "server.h"

static void logLine(void* none, int32_t level, const char* text, size_t length) {
  (void)none;
  if (level >= CHATBOT_LOG_WARNING) complain("%.*s", (int)length, text);
}

/* Every open stream is a connection. */
static void raiseFileLimit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static bool set(chatbot_options* settings, const char* name, const char* value) {
  chatbot_error* failure = NULL;
  if (chatbot_options_set(settings, name, value, strlen(value), &failure) == CHATBOT_OK) {
    return true;
  }
  complain("%s", chatbot_error_message(failure));
  chatbot_error_free(failure);
  return false;
}

static bool setAll(chatbot_options* settings, const Options* options) {
  char name[64];
  for (size_t i = 0; i < options->settingCount; ++i) {
    const char* const equals = strchr(options->settings[i], '=');
    const int length = (int)(equals - options->settings[i]);
    snprintf(name, sizeof name, "%.*s", length, options->settings[i]);
    if (!set(settings, name, equals + 1)) return false;
  }
  return true;
}

static bool apply(chatbot_options* settings, const Options* options) {
  chatbot_options_set_log(settings, logLine, NULL, NULL);
  return set(settings, "store", options->database) &&
         set(settings, "responder", options->responder) &&
         set(settings, "rateLimit", options->rateLimit) && setAll(settings, options);
}

static chatbot_engine* openEngine(const chatbot_options* settings) {
  chatbot_engine* engine = NULL;
  chatbot_error* failure = NULL;
  if (chatbot_engine_open(settings, &engine, &failure) != CHATBOT_OK) {
    complain("%s", chatbot_error_message(failure));
    chatbot_error_free(failure);
  }
  return engine;
}

static void announce(const Options* options, const Server* server) {
  const bool isIpv6 = strchr(options->address, ':') != NULL;
  printf(isIpv6 ? "chatbot-host: http://[%s]:%d/\n" : "chatbot-host: http://%s:%d/\n",
         options->address, boundPort(server));
  fflush(stdout);
}

static int serveEngine(const Options* options, chatbot_engine* engine) {
  Server server = {.trustIdentityHeaders = options->trustIdentityHeaders};
  const bool isOpen = openServer(&server, engine, options->address, options->port);
  if (isOpen) {
    announce(options, &server);
    runServer(&server);
  }
  closeServer(&server);
  return isOpen ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(const Options* options) {
  signal(SIGPIPE, SIG_IGN);
  raiseFileLimit();
  chatbot_options* const settings = chatbot_options_new();
  if (settings == NULL) return EXIT_FAILURE;
  const bool fits = apply(settings, options);
  chatbot_engine* const engine = fits ? openEngine(settings) : NULL;
  chatbot_options_free(settings);
  if (!fits) return 2;
  if (engine == NULL) return EXIT_FAILURE;
  const int exitCode = serveEngine(options, engine);
  chatbot_engine_free(engine);
  return exitCode;
}

int main(int count, char** arguments) {
  Options options;
  if (count < 1 || !parseOptions(arguments + 1, &options)) return 2;
  switch (options.command) {
    case kShowHelp:
      fputs(kHelp, stdout);
      return EXIT_SUCCESS;
    case kShowVersion:
      printf("chatbot-epoll-host %s\n", chatbot_version_string());
      return EXIT_SUCCESS;
    default:
      return serve(&options);
  }
}
