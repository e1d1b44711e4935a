/* A walk through the whole C interface, in the order in which a host meets it.
 *
 * It is a test and a tutorial: everything here is run, as C99 and as C++17. Its argument is a
 * folder for the database.
 *
 *   OK(call)              the call answers CHATBOT_OK
 *   EXPECT(status, call)  the call answers `status`
 *   CHECK(condition)
 *   TEXT("…")             a literal as pointer and length, which is how text goes in
 */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <unistd.h>

#include "check.h"

/* ---- small helpers of this program ---- */

static int contains(const char* text, const char* part) { return strstr(text, part) != NULL; }

static int bytesContain(const chatbot_bytes* bytes, const char* part) {
  return contains(chatbot_bytes_data(bytes), part);
}

/* Whether a descriptor is readable, waited for at most `timeout_ms`. */
static int isReadable(intptr_t handle, int timeout_ms) {
  struct pollfd entry;
  entry.fd = (int)handle;
  entry.events = POLLIN;
  entry.revents = 0;
  return poll(&entry, 1, timeout_ms) == 1;
}

/* A workflow's id is the first field of its JSON. */
#define ID_LENGTH 36
static void copyId(char* id, const chatbot_bytes* workflow) {
  const char* start = strstr(chatbot_bytes_data(workflow), "\"id\":\"");
  CHECK(start != NULL);
  memcpy(id, start + 6, ID_LENGTH);
  id[ID_LENGTH] = '\0';
}

/* ---- the library ---- */

static void library(void) {
  /* A binding that was written for one version can see which one it has got. */
  CHECK(chatbot_version() ==
        CHATBOT_VERSION_MAJOR * 10000 + CHATBOT_VERSION_MINOR * 100 + CHATBOT_VERSION_PATCH);
  CHECK(contains(chatbot_version_string(), "."));

  CHECK(chatbot_has_feature("sqlite") == 1);
  CHECK(chatbot_has_feature("time travel") == 0);

  CHECK(strcmp(chatbot_status_name(CHATBOT_WOULD_BLOCK), "CHATBOT_WOULD_BLOCK") == 0);
  CHECK(strcmp(chatbot_status_name(4711), "unknown") == 0);
}

/* ---- options, and what an error tells ---- */

static void countLogLine(void* user_data, int32_t level, const char* text, size_t len) {
  (void)level;
  (void)text;
  (void)len;
  ++*(int*)user_data;
}

/* `user_data` is given back exactly once, whatever happens. */
static void countDestroyed(void* user_data) { ++*(int*)user_data; }

/* A document of a message, for the built-in responder that asks a model server. A real host looks
 * the file up and whether it is the user's. */
static void loadDocument(void* user_data, const char* request_json, size_t len,
                         chatbot_document* document) {
  (void)user_data;
  (void)request_json;
  (void)len;
  chatbot_document_set(document, TEXT("notes.txt"), TEXT("text/plain"), 4, TEXT("milk"), NULL);
}

static chatbot_options* options(const char* folder) {
  char path[512];
  chatbot_bytes* described = NULL;
  chatbot_options* made = chatbot_options_new();
  int destroyed = 0;
  CHECK(made != NULL);

  /* All options by name, with their defaults. */
  OK(chatbot_options_describe(&described, &err));
  CHECK(bytesContain(described, "\"name\":\"responder\""));
  CHECK(chatbot_bytes_size(described) == strlen(chatbot_bytes_data(described)));
  chatbot_bytes_free(described);

  snprintf(path, sizeof path, "%s/walkthrough.sqlite", folder);
  OK(chatbot_options_set(made, "store", STRING(path), &err));
  OK(chatbot_options_set(made, "rateLimit", TEXT("0"), &err));

  /* The host answers; "echo" would answer by itself. */
  OK(chatbot_options_set(made, "responder", TEXT("host"), &err));

  /* What does not fit changes nothing, and the error says why. An error is an object of the
   * caller's: it stays as it is, whatever is called afterwards and on whatever thread. */
  CHECK(chatbot_options_set(made, "readers", TEXT("many"), &err) == CHATBOT_INVALID_ARGUMENT);
  CHECK(chatbot_error_status(err) == CHATBOT_INVALID_ARGUMENT);
  CHECK(chatbot_error_http_status(err) == 400);
  CHECK(strcmp(chatbot_error_message(err), "readers takes an integer from 1 to 64") == 0);
  CHECK(contains(chatbot_error_detail_json(err), "\"detail\":"));
  chatbot_error_free(err);
  err = NULL;

  /* Who does not want to know why passes NULL. */
  CHECK(chatbot_options_set(made, "colour", TEXT("blue"), NULL) == CHATBOT_INVALID_ARGUMENT);

  /* Log lines go to a function of the host. A second one replaces the first, NULL takes it back. */
  CHECK(chatbot_options_set_log(made, countLogLine, &destroyed, countDestroyed) == CHATBOT_OK);
  CHECK(chatbot_options_set_log(made, NULL, NULL, NULL) == CHATBOT_OK);
  CHECK(destroyed == 1);

  /* Where the responder "openai" gets the documents of messages. */
  CHECK(chatbot_options_set_documents(made, loadDocument, &destroyed, countDestroyed) ==
        CHATBOT_OK);
  CHECK(chatbot_options_set_documents(made, NULL, NULL, NULL) == CHATBOT_OK);
  CHECK(destroyed == 2);
  return made;
}

static chatbot_engine* openEngine(const char* folder) {
  chatbot_options* chosen = options(folder);
  chatbot_engine* engine = NULL;
  OK(chatbot_engine_open(chosen, &engine, &err));
  CHECK(engine != NULL);
  chatbot_options_free(chosen); /* the engine has its own copy */
  return engine;
}

/* ---- who is calling: the host authenticates, the library believes it ---- */

static chatbot_identity* identity(void) {
  chatbot_identity* caller = NULL;
  OK(chatbot_identity_new(
      TEXT("{\"userId\": \"ada\", \"mandateId\": \"acme\", \"roles\": [\"user\"]}"), &caller,
      &err));

  /* A caller without a name is none. Outputs are NULL after a failure. */
  {
    chatbot_identity* nobody = caller;
    EXPECT(CHATBOT_INVALID_ARGUMENT, chatbot_identity_new(TEXT("{}"), &nobody, &err));
    CHECK(nobody == NULL);
  }
  return caller;
}

/* ---- answering: take a turn, append to it, finish it ---- */

static chatbot_turn* takeTurn(chatbot_engine* engine) {
  chatbot_turn* turn = NULL;
  intptr_t waiting = 0;

  /* A loop polls this; a thread would just call chatbot_turn_take with a timeout. */
  OK(chatbot_turn_pollable(engine, &waiting, &err));
  CHECK(isReadable(waiting, SOON_MS));

  OK(chatbot_turn_take(engine, 0, &turn, &err));
  CHECK(!isReadable(waiting, 0)); /* it was the only one */
  return turn;
}

static void answerTurn(chatbot_engine* engine, const char* prompt) {
  chatbot_turn* turn = takeTurn(engine);
  chatbot_bytes* input = NULL;

  OK(chatbot_turn_input(turn, &input, &err));
  CHECK(bytesContain(input, "\"workflowId\":\""));
  CHECK(bytesContain(input, "\"userId\":\"ada\""));
  CHECK(bytesContain(input, "\"history\":["));
  CHECK(bytesContain(input, prompt));
  chatbot_bytes_free(input);

  /* An item is in the log, and on its way to every stream, once the call has returned. */
  OK(chatbot_turn_append(
      turn, TEXT("{\"type\": \"log\", \"item\": {\"message\": \"Thinking\", \"progress\": 0.5}}"),
      &err));
  OK(chatbot_turn_append(turn,
                         TEXT("{\"type\": \"message\", \"item\": {\"message\": \"Good day\", "
                              "\"status\": \"last\"}}"),
                         &err));

  /* What does not fit is refused, and the turn goes on. */
  EXPECT(CHATBOT_INVALID_ARGUMENT, chatbot_turn_append(turn, TEXT("{\"type\": \"poem\"}"), &err));

  /* Several items are appended together or not at all. */
  OK(chatbot_turn_append(turn,
                         TEXT("[{\"type\": \"message\", \"item\": {\"message\": \"A menu\", "
                              "\"documents\": [{\"fileId\": \"f1\", \"fileName\": \"menu.pdf\"}]}},"
                              "{\"type\": \"stat\", \"item\": {\"tokensOut\": 2}}]"),
                         &err));
  OK(chatbot_turn_rename(turn, TEXT("A greeting"), &err));

  CHECK(chatbot_turn_is_cancelled(turn) == 0);
  OK(chatbot_turn_finish(turn, NULL, 0, &err)); /* no error text: the round is completed */
  EXPECT(CHATBOT_CANCELLED, chatbot_turn_rename(turn, TEXT("Too late"), &err));
  EXPECT(CHATBOT_MISUSE, chatbot_turn_finish(turn, NULL, 0, &err));
  chatbot_turn_free(turn);
}

/* ---- serving requests ---- */

/* A host passes on what its server has read. */
static chatbot_response* serve(chatbot_engine* engine, const chatbot_identity* caller,
                               const char* method, const char* target, const char* body) {
  chatbot_response* response = NULL;
  OK(chatbot_serve(engine, caller, STRING(method), STRING(target),
                   TEXT("{\"Content-Type\": \"application/json\"}"), STRING(body), &response,
                   &err));
  return response;
}

static const char* header(const chatbot_response* response, const char* wanted) {
  size_t index;
  for (index = 0; index < chatbot_response_header_count(response); ++index) {
    const char* value = NULL;
    const char* name = chatbot_response_header(response, index, &value);
    if (strcmp(name, wanted) == 0) return value;
  }
  CHECK(chatbot_response_header(response, index, NULL) == NULL);
  return "";
}

/* Serves a request whose answer is a body: its status, and whether it has `part`. */
static void expectAnswer(chatbot_engine* engine, const chatbot_identity* caller, const char* method,
                         const char* target, const char* body, int wanted, const char* part) {
  chatbot_response* response = serve(engine, caller, method, target, body);
  size_t length = 0;
  const char* answer = chatbot_response_body(response, &length);
  CHECK(chatbot_response_status(response) == wanted);
  CHECK(strcmp(header(response, "Content-Type"), "application/json") == 0);
  CHECK(length == strlen(answer));
  CHECK(contains(answer, part));
  CHECK(chatbot_response_take_stream(response) == NULL); /* a body, so no stream */
  chatbot_response_free(response);
}

/* Reads server-sent events until the end, as they would be written to the client. */
static void readAll(chatbot_stream* stream, char* text, size_t capacity) {
  size_t size = 0;
  for (;;) {
    char frames[256]; /* a server's buffer is larger; a frame that does not fit comes in parts */
    size_t written = 0;
    chatbot_status status =
        chatbot_stream_read(stream, SOON_MS, frames, sizeof frames, &written, &err);
    if (status == CHATBOT_END) break;
    EXPECT(CHATBOT_OK, status);
    CHECK(size + written < capacity);
    memcpy(text + size, frames, written);
    size += written;
  }
  text[size] = '\0';
}

static void startOverHttp(chatbot_engine* engine, const chatbot_identity* caller, char* id) {
  char text[8192];
  const char* workflow;
  chatbot_response* response =
      serve(engine, caller, "POST", "/api/chatbot/start/stream", "{\"prompt\": \"Hello\"}");
  chatbot_stream* stream = chatbot_response_take_stream(response);
  CHECK(chatbot_response_status(response) == 200);
  CHECK(strcmp(header(response, "Content-Type"), "text/event-stream") == 0);
  CHECK(stream != NULL);
  CHECK(chatbot_response_take_stream(response) == NULL); /* it was taken already */
  chatbot_response_free(response);                       /* the stream does not need it */

  CHECK(strcmp(chatbot_stream_end_reason(stream), "open") == 0);
  answerTurn(engine, "Hello");
  readAll(stream, text, sizeof text);
  CHECK(contains(text, "id: 1\ndata: {\"type\":\"message\""));
  CHECK(contains(text, "Good day"));
  CHECK(strcmp(chatbot_stream_end_reason(stream), "completed") == 0);
  chatbot_stream_free(stream);

  workflow = strstr(text, "\"workflowId\":\"");
  CHECK(workflow != NULL);
  memcpy(id, workflow + 14, ID_LENGTH);
  id[ID_LENGTH] = '\0';
}

static void serving(chatbot_engine* engine, const chatbot_identity* caller) {
  char id[ID_LENGTH + 1];
  char target[128];
  startOverHttp(engine, caller, id);

  expectAnswer(engine, caller, "GET", "/api/chatbot/threads", "", 200, id);
  expectAnswer(engine, caller, "GET", "/api/chatbot/threads?pagination=%7B%22page%22%3A2%7D", "",
               200, "\"items\":[]");

  /* A failed request is an answer like any other. */
  expectAnswer(engine, caller, "GET", "/api/chatbot/threads?pagination=oops", "", 400,
               "Invalid pagination parameter");
  expectAnswer(engine, caller, "GET", "/elsewhere", "", 404, "\"detail\"");

  snprintf(target, sizeof target, "/api/chatbot/%s", id);
  expectAnswer(engine, caller, "PATCH", target, "{\"name\": \"First words\"}", 200, "First words");
  snprintf(target, sizeof target, "/api/chatbot/%s/stop", id);
  expectAnswer(engine, caller, "POST", target, "", 200, "\"status\":\"completed\"");
  snprintf(target, sizeof target, "/api/chatbot/%s", id);
  expectAnswer(engine, caller, "DELETE", target, "", 200, "deleted successfully");
  expectAnswer(engine, caller, "DELETE", target, "", 404, "not found");

  expectAnswer(engine, caller, "GET", "/api/chatbot/openapi.json", "", 200, "\"openapi\":\"3.1");
  {
    chatbot_bytes* document = NULL;
    OK(chatbot_openapi(engine, &document, &err));
    CHECK(bytesContain(document, "/start/stream"));
    chatbot_bytes_free(document);
  }
}

/* ---- the same operations without HTTP ---- */

/* Events one by one instead of frames, each with its place in the log. */
static void readItems(chatbot_stream* stream) {
  chatbot_bytes* item = NULL;
  int32_t kind = 0;
  OK(chatbot_stream_next(stream, SOON_MS, &kind, &item, &err));
  CHECK(kind == CHATBOT_EVENT_ITEM);
  CHECK(strcmp(chatbot_stream_place(stream), "1") == 0);
  CHECK(bytesContain(item, "\"role\":\"user\""));
  chatbot_bytes_free(item);

  /* The answer is yet to come. */
  EXPECT(CHATBOT_WOULD_BLOCK, chatbot_stream_next(stream, 0, &kind, &item, &err));
  CHECK(item == NULL && kind == 0);

  /* A stream that is read item by item is not read as frames too. */
  {
    char frames[64];
    size_t written = 0;
    EXPECT(CHATBOT_MISUSE, chatbot_stream_read(stream, 0, frames, sizeof frames, &written, &err));
  }
}

/* A loop polls the stream's descriptor and reads when it says so. */
static void pollItems(chatbot_engine* engine, chatbot_stream* stream) {
  intptr_t ready = 0;
  chatbot_bytes* item = NULL;
  chatbot_status status = CHATBOT_OK;
  int items = 0;
  OK(chatbot_stream_pollable(stream, &ready, &err));
  CHECK(!isReadable(ready, 0));

  answerTurn(engine, "Hello again");
  while (status == CHATBOT_OK && isReadable(ready, SOON_MS)) {
    while ((status = chatbot_stream_next(stream, 0, NULL, &item, &err)) == CHATBOT_OK) {
      chatbot_bytes_free(item);
      ++items;
    }
    if (status == CHATBOT_WOULD_BLOCK) status = CHATBOT_OK;
  }
  EXPECT(CHATBOT_END, status);
  CHECK(items == 4);
  CHECK(isReadable(ready, 0)); /* an end is there to be read, for ever */
}

static void conversation(chatbot_engine* engine, const chatbot_identity* caller, char* id) {
  chatbot_bytes* workflow = NULL;
  chatbot_stream* stream = NULL;
  char input[256];

  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Hello again\"}"), NULL, 0, 0, &workflow,
                   &stream, &err));
  CHECK(bytesContain(workflow, "\"status\":\"running\""));
  copyId(id, workflow);
  chatbot_bytes_free(workflow);

  /* One round at a time. */
  snprintf(input, sizeof input, "{\"prompt\": \"Hurry\", \"workflowId\": \"%s\"}", id);
  EXPECT(CHATBOT_BUSY, chatbot_start(engine, caller, STRING(input), NULL, 0, 0, NULL, NULL, &err));

  readItems(stream);
  pollItems(engine, stream);
  chatbot_stream_free(stream);
}

static void joining(chatbot_engine* engine, const chatbot_identity* caller, const char* id) {
  chatbot_stream* stream = NULL;
  chatbot_bytes* item = NULL;

  /* From place 1 on: the items of the answer, then the end. */
  OK(chatbot_join(engine, caller, STRING(id), "1", 1, 0, &stream, &err));
  OK(chatbot_stream_next(stream, SOON_MS, NULL, &item, &err));
  CHECK(strcmp(chatbot_stream_place(stream), "2") == 0);
  chatbot_bytes_free(item);

  /* Cancelled, from whatever thread: nothing more comes, now and for ever. */
  chatbot_stream_cancel(stream);
  EXPECT(CHATBOT_END, chatbot_stream_next(stream, -1, NULL, &item, &err));
  CHECK(strcmp(chatbot_stream_end_reason(stream), "cancelled") == 0);
  chatbot_stream_free(stream);

  /* Who has everything of a round that is over need not come back. */
  EXPECT(CHATBOT_END, chatbot_join(engine, caller, STRING(id), "5", 1, 0, &stream, &err));
  CHECK(stream == NULL);
  EXPECT(CHATBOT_CONFLICT, chatbot_join(engine, caller, STRING(id), "6", 1, 0, &stream, &err));
}

/* Text as it is written, and a reader that comes back in the middle of it. */
static void writing(chatbot_engine* engine, const chatbot_identity* caller) {
  chatbot_bytes* workflow = NULL;
  chatbot_bytes* event = NULL;
  chatbot_stream* stream = NULL;
  chatbot_turn* turn = NULL;
  char id[64];
  char place[32];
  int32_t kind = 0;
  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Write\"}"), NULL, 0, CHATBOT_DELTAS,
                   &workflow, &stream, &err));
  copyId(id, workflow);
  chatbot_bytes_free(workflow);
  OK(chatbot_turn_take(engine, SOON_MS, &turn, &err));
  OK(chatbot_turn_delta(turn, TEXT("Once upon "), &err));
  OK(chatbot_stream_next(stream, SOON_MS, &kind, &event, &err)); /* the prompt */
  chatbot_bytes_free(event);
  OK(chatbot_stream_next(stream, SOON_MS, &kind, &event, &err));
  CHECK(kind == CHATBOT_EVENT_DELTA);
  CHECK(bytesContain(event, "\"offset\":0,\"text\":\"Once upon \""));
  chatbot_bytes_free(event);
  snprintf(place, sizeof place, "%s", chatbot_stream_place(stream));
  CHECK(strcmp(place, "1.10") == 0);
  chatbot_stream_free(stream);

  OK(chatbot_turn_delta(turn, TEXT("a time"), &err));
  OK(chatbot_join(engine, caller, STRING(id), STRING(place), CHATBOT_DELTAS, &stream, &err));
  OK(chatbot_stream_next(stream, SOON_MS, &kind, &event, &err));
  CHECK(bytesContain(event, "\"offset\":10,\"text\":\"a time\""));
  chatbot_bytes_free(event);

  /* The message that the text becomes; without a text of its own it has the one that was written.
   */
  OK(chatbot_turn_append(turn, TEXT("{\"type\": \"message\", \"item\": {\"status\": \"last\"}}"),
                         &err));
  OK(chatbot_turn_finish(turn, NULL, 0, &err));
  EXPECT(CHATBOT_CANCELLED, chatbot_turn_delta(turn, TEXT("!"), &err));
  chatbot_turn_free(turn);
  OK(chatbot_stream_next(stream, SOON_MS, &kind, &event, &err));
  CHECK(kind == CHATBOT_EVENT_ITEM);
  CHECK(bytesContain(event, "Once upon a time"));
  chatbot_bytes_free(event);
  EXPECT(CHATBOT_END, chatbot_stream_next(stream, 0, &kind, &event, &err));
  chatbot_stream_free(stream);
}

static int doorbell[2];

/* From a thread of the library: a byte into a pipe is all that should happen here. */
static void ring(void* user_data) {
  ssize_t sent = write(*(int*)user_data, "!", 1);
  CHECK(sent == 1);
}

/* One wait for many streams, and a callback for loops that poll no descriptors. */
static void waiting(chatbot_engine* engine, const chatbot_identity* caller) {
  chatbot_waitset* set = NULL;
  chatbot_stream* streams[2] = {NULL, NULL};
  chatbot_turn* turns[2] = {NULL, NULL};
  chatbot_bytes* event = NULL;
  uint64_t tokens[4];
  size_t count = 0;
  intptr_t ready = 0;
  CHECK(pipe(doorbell) == 0);
  OK(chatbot_waitset_new(engine, &set, &err));
  for (uint64_t i = 0; i < 2; ++i) {
    OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Wait\"}"), NULL, 0, 0, NULL, &streams[i],
                     &err));
    OK(chatbot_turn_take(engine, SOON_MS, &turns[i], &err));
    OK(chatbot_stream_next(streams[i], SOON_MS, NULL, &event, &err));
    chatbot_bytes_free(event);
    EXPECT(CHATBOT_WOULD_BLOCK, chatbot_stream_next(streams[i], 0, NULL, &event, &err));
    OK(chatbot_waitset_add(set, streams[i], i, &err));
  }
  EXPECT(CHATBOT_MISUSE, chatbot_waitset_add(set, streams[0], 7, &err));
  EXPECT(CHATBOT_WOULD_BLOCK, chatbot_waitset_wait(set, 0, tokens, 4, &count, &err));

  OK(chatbot_stream_set_notify(streams[1], ring, &doorbell[1], NULL));
  OK(chatbot_turn_finish(turns[1], NULL, 0, &err));
  OK(chatbot_waitset_wait(set, SOON_MS, tokens, 4, &count, &err));
  CHECK(count == 1 && tokens[0] == 1);
  OK(chatbot_waitset_pollable(set, &ready, &err));
  CHECK(isReadable(ready, 0));
  CHECK(isReadable(doorbell[0], SOON_MS));
  OK(chatbot_stream_set_notify(streams[1], NULL, NULL, NULL));

  chatbot_waitset_remove(set, streams[1]);
  CHECK(!isReadable(ready, 0));
  chatbot_waitset_wake(set); /* from any thread: the wait that runs, or the next one, ends */
  EXPECT(CHATBOT_WOKEN, chatbot_waitset_wait(set, -1, tokens, 4, &count, &err));
  CHECK(count == 0);

  chatbot_waitset_free(set); /* before its streams or after them */
  for (int i = 0; i < 2; ++i) {
    chatbot_turn_free(turns[i]);
    chatbot_stream_free(streams[i]);
  }
  close(doorbell[0]);
  close(doorbell[1]);
}

static void keeping(chatbot_engine* engine, const chatbot_identity* caller, const char* id) {
  chatbot_bytes* out = NULL;

  OK(chatbot_rename(engine, caller, STRING(id), TEXT("Second words"), &out, &err));
  CHECK(bytesContain(out, "Second words"));
  chatbot_bytes_free(out);

  OK(chatbot_list(engine, caller, NULL, 0, &out, &err));
  CHECK(bytesContain(out, "\"pagination\":{\"currentPage\":1"));
  CHECK(bytesContain(out, id));
  chatbot_bytes_free(out);

  OK(chatbot_list(engine, caller, TEXT("{\"pageSize\": 5, \"filters\": {\"search\": \"nowhere\"}}"),
                  &out, &err));
  CHECK(bytesContain(out, "\"items\":[]"));
  chatbot_bytes_free(out);

  OK(chatbot_detail(engine, caller, STRING(id), &out, &err));
  CHECK(bytesContain(out, "\"workflow\":{"));
  CHECK(bytesContain(out, "\"chatData\":{\"items\":["));
  chatbot_bytes_free(out);

  OK(chatbot_delete(engine, caller, STRING(id), &err));
  EXPECT(CHATBOT_NOT_FOUND, chatbot_detail(engine, caller, STRING(id), &out, &err));
}

/* ---- stopping: the turn learns of it in three ways ---- */

static void stopping(chatbot_engine* engine, const chatbot_identity* caller) {
  char id[ID_LENGTH + 1];
  chatbot_bytes* workflow = NULL;
  chatbot_turn* turn = NULL;
  intptr_t cancelled = 0;
  CHECK(pipe(doorbell) == 0);

  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Think hard\"}"), NULL, 0, 0, &workflow,
                   NULL, &err));
  copyId(id, workflow);
  chatbot_bytes_free(workflow);

  turn = takeTurn(engine);
  CHECK(chatbot_turn_on_cancel(turn, ring, &doorbell[1], NULL) == CHATBOT_OK);
  OK(chatbot_turn_cancel_pollable(turn, &cancelled, &err));
  CHECK(!isReadable(cancelled, 0));

  OK(chatbot_stop(engine, caller, STRING(id), &workflow, &err));
  CHECK(bytesContain(workflow, "\"status\":\"stopped\""));
  chatbot_bytes_free(workflow);

  CHECK(isReadable(doorbell[0], SOON_MS));     /* by a call, */
  CHECK(isReadable(cancelled, SOON_MS));       /* by a descriptor, */
  CHECK(chatbot_turn_is_cancelled(turn) == 1); /* or by a flag that can be asked at any time */

  /* Nothing is appended any more. That is a state, not a failure. */
  EXPECT(
      CHATBOT_CANCELLED,
      chatbot_turn_append(turn, TEXT("{\"type\": \"log\", \"item\": {\"message\": \"…\"}}"), &err));
  EXPECT(CHATBOT_CANCELLED, chatbot_turn_finish(turn, TEXT("Too late"), &err));
  chatbot_turn_free(turn);
  close(doorbell[0]);
  close(doorbell[1]);
}

/* A turn that is given up ends its round as failed; so does one that is finished with a text. */
static void failing(chatbot_engine* engine, const chatbot_identity* caller) {
  chatbot_stream* stream = NULL;
  chatbot_turn* turn = NULL;
  char text[8192];

  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Fail\"}"), NULL, 0, 0, NULL, &stream,
                   &err));
  OK(chatbot_turn_take(engine, SOON_MS, &turn, &err));
  OK(chatbot_turn_finish(turn, TEXT("The model is asleep"), &err));
  chatbot_turn_free(turn);
  readAll(stream, text, sizeof text);
  CHECK(contains(text, "The model is asleep"));
  CHECK(strcmp(chatbot_stream_end_reason(stream), "error") == 0);
  chatbot_stream_free(stream);

  OK(chatbot_start(engine, caller, TEXT("{\"prompt\": \"Fail again\"}"), NULL, 0, 0, NULL, &stream,
                   &err));
  OK(chatbot_turn_take(engine, SOON_MS, &turn, &err));
  chatbot_turn_free(turn);
  readAll(stream, text, sizeof text);
  CHECK(strcmp(chatbot_stream_end_reason(stream), "error") == 0);
  chatbot_stream_free(stream);
}

/* ---- access rules ---- */

static void accessRules(chatbot_engine* engine, const chatbot_identity* caller) {
  chatbot_bytes* decision = NULL;
  chatbot_bytes* rules = NULL;
  int32_t allowed = 0;

  OK(chatbot_access_check(engine, caller, "ChatWorkflow", "delete",
                          TEXT("{\"mandateId\": \"acme\", \"_createdBy\": \"ada\"}"), &allowed,
                          &err));
  CHECK(allowed == 1);
  OK(chatbot_access_check(engine, caller, "ChatWorkflow", "delete",
                          TEXT("{\"mandateId\": \"acme\", \"_createdBy\": \"bob\"}"), &allowed,
                          &err));
  CHECK(allowed == 0);

  OK(chatbot_access_explain(engine, caller, "ChatWorkflow", "delete", &decision, &err));
  CHECK(bytesContain(decision, "\"level\":\"m\""));
  CHECK(bytesContain(decision, "\"role\":\"user\""));
  chatbot_bytes_free(decision);

  /* The rules are a document: read, changed and put back. New ones hold at once. */
  OK(chatbot_access_rules(engine, &rules, &err));
  CHECK(bytesContain(rules, "{\"role\":\"user\",\"table\":\"*\",\"read\":\"m\""));
  OK(chatbot_access_set_rules(
      engine, TEXT("[{\"role\": \"user\", \"table\": \"*\", \"read\": \"g\"}]"), &err));
  OK(chatbot_access_explain(engine, caller, "ChatWorkflow", "delete", &decision, &err));
  CHECK(bytesContain(decision, "\"level\":\"n\""));
  chatbot_bytes_free(decision);
  EXPECT(CHATBOT_FORBIDDEN, chatbot_start(engine, caller, TEXT("{\"prompt\": \"May I?\"}"), NULL, 0,
                                          0, NULL, NULL, &err));
  OK(chatbot_access_set_rules(engine, chatbot_bytes_data(rules), chatbot_bytes_size(rules), &err));
  chatbot_bytes_free(rules);
}

/* ---- the query engine over rows of the host's own ---- */

static void selecting(void) {
  chatbot_bytes* page = NULL;
  OK(chatbot_select(TEXT("[{\"id\": \"1\", \"name\": \"Plum\", \"weight\": 50},"
                         " {\"id\": \"2\", \"name\": \"Pear\", \"weight\": 120},"
                         " {\"id\": \"3\", \"name\": \"Fig\", \"weight\": 40}]"),
                    TEXT("{\"id\": \"text\", \"name\": \"text\", \"weight\": \"integer\"}"),
                    TEXT("{\"filters\": {\"weight\": {\"operator\": \"gte\", \"value\": 50}},"
                         " \"sort\": [{\"field\": \"name\", \"direction\": \"asc\"}]}"),
                    &page, &err));
  CHECK(bytesContain(page, "\"totalItems\":2"));
  CHECK(strstr(chatbot_bytes_data(page), "Pear") < strstr(chatbot_bytes_data(page), "Plum"));
  chatbot_bytes_free(page);

  EXPECT(CHATBOT_INVALID_ARGUMENT,
         chatbot_select(TEXT("[]"), NULL, 0, TEXT("{\"filters\": {\"colour\": \"blue\"}}"), &page,
                        &err));
}

/* ---- the end ---- */

static void closing(chatbot_engine* engine, const chatbot_identity* caller) {
  chatbot_turn* turn = NULL;
  chatbot_bytes* out = NULL;

  /* Ends every stream and round and waits for the library's threads. */
  CHECK(chatbot_engine_shutdown(engine) == CHATBOT_OK);
  CHECK(chatbot_engine_shutdown(engine) == CHATBOT_OK);

  EXPECT(CHATBOT_END, chatbot_turn_take(engine, -1, &turn, &err)); /* takers leave their loops */
  EXPECT(CHATBOT_UNAVAILABLE, chatbot_list(engine, caller, NULL, 0, &out, &err));

  /* Every free accepts NULL. */
  chatbot_engine_free(engine);
  chatbot_engine_free(NULL);
}

int main(int argc, char** argv) {
  char id[ID_LENGTH + 1];
  chatbot_engine* engine = NULL;
  chatbot_identity* caller = NULL;
  CHECK(argc > 1);

  library();
  engine = openEngine(argv[1]);
  caller = identity();
  serving(engine, caller);
  conversation(engine, caller, id);
  joining(engine, caller, id);
  keeping(engine, caller, id);
  writing(engine, caller);
  waiting(engine, caller);
  stopping(engine, caller);
  failing(engine, caller);
  accessRules(engine, caller);
  selecting();
  closing(engine, caller);
  chatbot_identity_free(caller);

  puts("The walk is done.");
  return 0;
}
