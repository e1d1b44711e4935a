/* The command line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum { kServe, kShowHelp, kShowVersion } Command;

typedef struct {
  Command command;
  char address[256]; /* without the brackets of an IPv6 address */
  char port[6];      /* "0": any free one */
  const char* database;
  const char* responder;
  const char* rateLimit;
  const char* settings[64]; /* OPTION=VALUE of the library's options */
  size_t settingCount;
  bool trustIdentityHeaders;
} Options;

extern const char* const kHelp;

/* `arguments` without the program's name, ended by NULL. False, with a line that says why, when
 * they do not fit. */
bool parseOptions(char** arguments, Options* options);

/* One line to the standard error. */
void complain(const char* format, ...) __attribute__((format(printf, 1, 2)));
