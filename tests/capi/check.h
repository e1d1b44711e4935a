/* What the C test programs share: a check that ends the program, and texts as (pointer, length). */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatbot.h"

/* Long enough for the slowest machine; reached only where a test fails. */
#define SOON_MS 20000

/* A text literal, and a text that ends with a NUL, as two arguments. */
#define TEXT(literal) literal, sizeof(literal) - 1
#define STRING(text) text, strlen(text)

#define CHECK(condition) \
  ((condition) ? (void)0 : complain(__FILE__, __LINE__, #condition, "is not so"))

/* Checks what a call has answered; every call in a test that uses these is given `&err`. */
#define EXPECT(status, call) expect(__FILE__, __LINE__, #call, (call), status)
#define OK(call) EXPECT(CHATBOT_OK, call)

static chatbot_error* err;

static void complain(const char* file, int line, const char* what, const char* outcome) {
  fprintf(stderr, "%s:%d: %s %s\n", file, line, what, outcome);
  exit(1);
}

/* Every failure has an error object, and nothing else has one. */
static void expect(const char* file, int line, const char* call, chatbot_status got,
                   chatbot_status wanted) {
  if (got != wanted) {
    fprintf(stderr, "%s\n", chatbot_error_message(err));
    complain(file, line, call, chatbot_status_name(got));
  }
  CHECK(chatbot_error_status(err) == (got < 0 ? got : CHATBOT_OK));
  chatbot_error_free(err);
  err = NULL;
}
