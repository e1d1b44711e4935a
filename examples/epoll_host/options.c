#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char* const kHelp =
    "chatbot-epoll-host serves chatbots and a web page to use them with, from one thread.\n"
    "\n"
    "  --listen ADDRESS:PORT     where to listen; port 0 takes any free one (127.0.0.1:8080)\n"
    "  --db DATABASE             an SQLite file, made if it is not there, or a PostgreSQL "
    "database's\n"
    "                            URL, as postgres://user@host/name (chatbot.sqlite)\n"
    "  --responder NAME          who answers: echo; openai, a model server; or script, for tests\n"
    "                            (openai where OPENAI_BASE_URL is set, else echo)\n"
    "  --set OPTION=VALUE        an option of the library, as leaseMs=3000; may be given several "
    "times\n"
    "  --rate-limit N            requests a minute of one user to one operation; 0: no limit "
    "(120)\n"
    "  --trust-identity-headers  take the caller from X-User-Id, X-Mandate-Id and X-Roles, as an\n"
    "                            authenticating proxy sets them; without it everyone is the demo\n"
    "                            user\n"
    "  --help, --version\n"
    "\n"
    "The responder openai asks the server at OPENAI_BASE_URL, such as http://127.0.0.1:11434/v1,\n"
    "for the model OPENAI_MODEL, with the key OPENAI_API_KEY if it is set.\n";

void complain(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  flockfile(stderr);
  fputs("chatbot-host: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  funlockfile(stderr);
  va_end(arguments);
}

static bool isPort(const char* text) {
  const size_t length = strlen(text);
  if (length == 0 || length > 5 || strspn(text, "0123456789") != length) return false;
  return strtol(text, NULL, 10) <= 65535;
}

static bool parseListen(const char* value, Options* options) {
  const char* const colon = strrchr(value, ':');
  if (colon == NULL || colon == value || !isPort(colon + 1)) {
    complain("--listen: '%s' is not ADDRESS:PORT", value);
    return false;
  }
  size_t length = (size_t)(colon - value);
  if (length > 2 && value[0] == '[' && colon[-1] == ']') {
    ++value;
    length -= 2;
  }
  if (length >= sizeof options->address) {
    complain("--listen: the address is too long");
    return false;
  }
  memcpy(options->address, value, length);
  options->address[length] = '\0';
  memcpy(options->port, colon + 1, strlen(colon + 1) + 1);
  return true;
}

static bool parseResponder(const char* value, Options* options) {
  options->responder = value;
  if (strcmp(value, "echo") == 0 || strcmp(value, "openai") == 0 || strcmp(value, "script") == 0) {
    return true;
  }
  complain("--responder: '%s' is none of echo, openai and script", value);
  return false;
}

static const char* standardResponder(void) {
  const char* const server = getenv("OPENAI_BASE_URL");
  return server != NULL && *server != '\0' ? "openai" : "echo";
}

static bool parseSetting(const char* value, Options* options) {
  const char* const equals = strchr(value, '=');
  if (equals == NULL || equals == value) {
    complain("--set: '%s' is not OPTION=VALUE", value);
    return false;
  }
  if (options->settingCount == sizeof options->settings / sizeof *options->settings) {
    complain("--set: too many options");
    return false;
  }
  options->settings[options->settingCount++] = value;
  return true;
}

/* The value is looked at by the library. */
static bool keep(const char* value, const char** option) {
  *option = value;
  return true;
}

static bool parseFlag(const char* name, Options* options) {
  if (strcmp(name, "--trust-identity-headers") == 0) {
    options->trustIdentityHeaders = true;
  } else if (strcmp(name, "--help") == 0) {
    options->command = kShowHelp;
  } else if (strcmp(name, "--version") == 0) {
    options->command = kShowVersion;
  } else {
    complain("unknown option '%s'", name);
    return false;
  }
  return true;
}

static bool takesValue(const char* name) {
  return strcmp(name, "--listen") == 0 || strcmp(name, "--db") == 0 ||
         strcmp(name, "--responder") == 0 || strcmp(name, "--set") == 0 ||
         strcmp(name, "--rate-limit") == 0;
}

static bool parseValue(const char* name, const char* value, Options* options) {
  if (value == NULL || *value == '\0') {
    complain("%s needs a value", name);
    return false;
  }
  if (strcmp(name, "--listen") == 0) return parseListen(value, options);
  if (strcmp(name, "--responder") == 0) return parseResponder(value, options);
  if (strcmp(name, "--set") == 0) return parseSetting(value, options);
  return keep(value, strcmp(name, "--db") == 0 ? &options->database : &options->rateLimit);
}

bool parseOptions(char** arguments, Options* options) {
  *options = (Options){.address = "127.0.0.1",
                       .port = "8080",
                       .database = "chatbot.sqlite",
                       .responder = standardResponder(),
                       .rateLimit = "120"};
  while (*arguments != NULL) {
    const char* const name = *arguments++;
    if (!takesValue(name)) {
      if (!parseFlag(name, options)) return false;
      continue;
    }
    if (!parseValue(name, *arguments, options)) return false;
    ++arguments;
  }
  return true;
}
