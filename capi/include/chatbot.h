/** @file
 * chatbot: a chatbot backend for any server, as a C library.
 *
 * A host needs two things: to serve requests (chatbot_serve), and, unless a built-in responder
 * answers, to answer turns (chatbot_turn_take).
 *
 * Conventions, for every function
 * - Text goes in as pointer and length, UTF-8, and is never kept beyond the call. NULL is allowed
 *   where the length is 0. Names without a length end with a NUL. Records are JSON text.
 * - A function that can fail returns a chatbot_status: negative for a failure, 0 for done, positive
 *   for an expected state. Its last parameter `err` may be NULL; it is set on failure only, to an
 *   object that the caller owns. Outputs are NULL or 0 unless the call succeeded.
 * - A `..._free` function accepts NULL. Objects may be freed in any order and on any thread:
 *   streams, wait sets, turns and responses keep their engine alive.
 * - A text that a getter returns is borrowed until its object is freed and ends with a NUL that its
 *   length does not count.
 * - Timeouts are milliseconds: -1 waits for ever, 0 only tries.
 * - Thread rules, one of: "any thread"; "one at a time" (any thread, but not two calls on one
 *   object at once); "owner" (as free: no other call on the object at the same time).
 * - All of this is there since 0.1.0, unless a comment says "Since X.Y.Z." or "Deprecated". Within
 *   one soname nothing is removed or changed. Until 1.0 a new minor version may change the
 *   interface, and has a soname of its own (libchatbot.so.0.1).
 * - A process that has forked must not use in the child what it opened before; there, every call
 *   that answers a status and needs an engine answers CHATBOT_UNAVAILABLE, and a free function
 *   leaks its object.
 */
#ifndef CHATBOT_H
#define CHATBOT_H

#include <stddef.h>
#include <stdint.h>

#define CHATBOT_VERSION_MAJOR 0
#define CHATBOT_VERSION_MINOR 1
#define CHATBOT_VERSION_PATCH 0

#if defined(_WIN32) && defined(CHATBOT_DLL)
#ifdef CHATBOT_BUILDING
#define CHATBOT_API __declspec(dllexport)
#else
#define CHATBOT_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define CHATBOT_API __attribute__((visibility("default")))
#else
#define CHATBOT_API
#endif

#ifdef __cplusplus
#define CHATBOT_NOEXCEPT noexcept
extern "C" {
#else
#define CHATBOT_NOEXCEPT
#endif

/** Callers must tolerate values that they do not know. Values are never renumbered. */
typedef int32_t chatbot_status;

enum {
  CHATBOT_OK = 0,

  /* expected states */
  CHATBOT_WOULD_BLOCK = 1, /**< nothing within the timeout */
  CHATBOT_END = 2,         /**< nothing more will ever come */
  CHATBOT_CANCELLED = 3,   /**< the turn's round is over; nothing was appended */
  CHATBOT_WOKEN = 4,       /**< a wait was ended by chatbot_waitset_wake */

  /* failures */
  CHATBOT_INVALID_ARGUMENT = -1,
  CHATBOT_NOT_FOUND = -2,
  CHATBOT_FORBIDDEN = -3,
  CHATBOT_WRONG_MODE = -4, /**< a workflow of another mode than Chatbot */
  CHATBOT_BUSY = -5,       /**< a round is still running */
  CHATBOT_RATE_LIMITED = -6,
  CHATBOT_UNAVAILABLE = -7, /**< store full or unreachable, a limit reached, shut down, or forked */
  CHATBOT_INTERNAL = -8,    /**< a fault inside */
  CHATBOT_NO_MEMORY = -9,
  CHATBOT_UNSUPPORTED = -10,
  CHATBOT_MISUSE = -11,   /**< a call that the object's state does not allow */
  CHATBOT_CONFLICT = -12, /**< a stream position that does not exist yet */
  CHATBOT_TOO_LARGE = -13,
  CHATBOT_OUTCOME_UNKNOWN = -14 /**< a database server was lost at a commit: the change may be done
                                   or not, so it must not simply be repeated */
};

/** The kinds of events that chatbot_stream_next reads. */
enum {
  CHATBOT_EVENT_ITEM = 1, /**< a chat item */
  CHATBOT_EVENT_DELTA = 2 /**< text of a message that is being written: {"id", "offset", "text"} */
};

/** Flags of chatbot_start and chatbot_join. */
enum { CHATBOT_DELTAS = 1 /**< the stream shows text while it is written, too */ };

/** Levels of log lines. */
enum {
  CHATBOT_LOG_DEBUG = 0,
  CHATBOT_LOG_INFO = 1,
  CHATBOT_LOG_WARNING = 2,
  CHATBOT_LOG_ERROR = 3
};

typedef struct chatbot_options chatbot_options;
typedef struct chatbot_engine chatbot_engine;
typedef struct chatbot_identity chatbot_identity;
typedef struct chatbot_bytes chatbot_bytes;
typedef struct chatbot_error chatbot_error;
typedef struct chatbot_document chatbot_document;
typedef struct chatbot_response chatbot_response;
typedef struct chatbot_stream chatbot_stream;
typedef struct chatbot_turn chatbot_turn;
typedef struct chatbot_waitset chatbot_waitset;

/** Called exactly once, when the library no longer needs `user_data`; also after a registration
 * that has failed. On any thread. */
typedef void (*chatbot_destroy_fn)(void* user_data);

/** Tells that an object has become ready. Must be short and must not call the library. */
typedef void (*chatbot_notify_fn)(void* user_data);

/** Receives a log line of `len` bytes, valid during the call. Called on threads of the library and
 * on threads of the host that are in a call of the library. Must not call the library, and must not
 * wait for a lock that the host holds while it calls the library.
 */
typedef void (*chatbot_log_fn)(void* user_data, int32_t level, const char* text, size_t len);

/** Loads a document that a user's message names, for the responder openai. `request_json` is
 * {"fileId", "workflowId", "userId", "mandateId", "maxBytes"}: the user is the one who sent the
 * message, and the host decides whether the file is theirs. Hands the document over with
 * chatbot_document_set, and does nothing if there is none. `request_json` and `document` are valid
 * during the call. One call at a time, on a thread of the library: while it runs, no other round
 * begins, answers that have begun go on, and a shutdown waits for it. Must not call the library
 * except for chatbot_document_set. */
typedef void (*chatbot_load_fn)(void* user_data, const char* request_json, size_t len,
                                chatbot_document* document);

/** @name library (any thread)
 * @{ */

/** major * 10000 + minor * 100 + patch of the library that is loaded. */
CHATBOT_API uint32_t chatbot_version(void) CHATBOT_NOEXCEPT;
CHATBOT_API const char* chatbot_version_string(void) CHATBOT_NOEXCEPT;

/** 1 where the named feature is built in: "sqlite", "postgres", "unicode" (case folding beyond
 * ASCII), "openai" (the responder that asks model servers). */
CHATBOT_API int32_t chatbot_has_feature(const char* name) CHATBOT_NOEXCEPT;

/** The constant's name, such as "CHATBOT_OK"; "unknown" for any other value. */
CHATBOT_API const char* chatbot_status_name(chatbot_status status) CHATBOT_NOEXCEPT;

/** @} */

/** @name bytes (any thread; free: owner)
 * @{ */

/** The text, and its length without the NUL at its end. An empty text for NULL. */
CHATBOT_API const char* chatbot_bytes_data(const chatbot_bytes* bytes) CHATBOT_NOEXCEPT;
CHATBOT_API size_t chatbot_bytes_size(const chatbot_bytes* bytes) CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_bytes_free(chatbot_bytes* bytes) CHATBOT_NOEXCEPT;

/** @} */

/** @name errors (any thread; free: owner)
 * @{ */

/** CHATBOT_OK for NULL. */
CHATBOT_API chatbot_status chatbot_error_status(const chatbot_error* error) CHATBOT_NOEXCEPT;

/** The HTTP status with which an endpoint answers this failure. */
CHATBOT_API int32_t chatbot_error_http_status(const chatbot_error* error) CHATBOT_NOEXCEPT;

/** One line, safe to show to a client. */
CHATBOT_API const char* chatbot_error_message(const chatbot_error* error) CHATBOT_NOEXCEPT;

/** The body with which an endpoint answers it, {"detail": …}. */
CHATBOT_API const char* chatbot_error_detail_json(const chatbot_error* error) CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_error_free(chatbot_error* error) CHATBOT_NOEXCEPT;

/** @} */

/** @name options (one at a time)
 * @{ */

/** The standard options; NULL if there is no memory. */
CHATBOT_API chatbot_options* chatbot_options_new(void) CHATBOT_NOEXCEPT;

/** Sets one option by name; chatbot_options_describe and docs/options.md list them. For an unknown
 * name or a value that does not fit it answers CHATBOT_INVALID_ARGUMENT and changes nothing. */
CHATBOT_API chatbot_status chatbot_options_set(chatbot_options* options, const char* name,
                                               const char* value, size_t value_len,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Sets the function that receives log lines; without one they are dropped. `destroy` may be NULL.
 */
CHATBOT_API chatbot_status chatbot_options_set_log(chatbot_options* options, chatbot_log_fn log,
                                                   void* user_data,
                                                   chatbot_destroy_fn destroy) CHATBOT_NOEXCEPT;

/** Sets the function that loads the documents of messages for the responder openai; without one
 * they count as missing. `destroy` may be NULL. */
CHATBOT_API chatbot_status
chatbot_options_set_documents(chatbot_options* options, chatbot_load_fn load, void* user_data,
                              chatbot_destroy_fn destroy) CHATBOT_NOEXCEPT;

/** Hands over a document from within a chatbot_load_fn; all of it is copied. `mime_type` decides
 * whether it is sent to the model as text or as an image; with an empty one it is sent as text if
 * its bytes are UTF-8. If `size` is more than the request's maxBytes, `bytes` may be left out: the
 * user is told that the document is too large. */
CHATBOT_API chatbot_status chatbot_document_set(chatbot_document* document, const char* name,
                                                size_t name_len, const char* mime_type,
                                                size_t mime_type_len, uint64_t size,
                                                const char* bytes, size_t bytes_len,
                                                chatbot_error** err) CHATBOT_NOEXCEPT;

/** Describes all options: [{"name", "type", "default", "description"}, …]. Any thread. */
CHATBOT_API chatbot_status chatbot_options_describe(chatbot_bytes** out,
                                                    chatbot_error** err) CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_options_free(chatbot_options* options) CHATBOT_NOEXCEPT;

/** @} */

/** @name engine (any thread; free: owner)
 * @{ */

/** Opens the database, ends rounds that a dead process left running, and starts the library's
 * threads. The options stay the caller's and may be freed at once. */
CHATBOT_API chatbot_status chatbot_engine_open(const chatbot_options* options, chatbot_engine** out,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Ends all streams and rounds, and waits until the responder has given up its turns. Afterwards
 * every call on the engine but chatbot_turn_take and chatbot_turn_pollable answers
 * CHATBOT_UNAVAILABLE. May be repeated. */
CHATBOT_API chatbot_status chatbot_engine_shutdown(chatbot_engine* engine) CHATBOT_NOEXCEPT;

/** Frees the handle. The engine is shut down when its last stream, wait set, turn and response is
 * freed, too. */
CHATBOT_API void chatbot_engine_free(chatbot_engine* engine) CHATBOT_NOEXCEPT;

/** @} */

/** @name identities (any thread; free: owner)
 * @{ */

/** Makes an identity of {"userId": "…", "mandateId": "…" or null, "roles": ["…"]}: the caller as
 * the host has authenticated it. */
CHATBOT_API chatbot_status chatbot_identity_new(const char* json, size_t len,
                                                chatbot_identity** out,
                                                chatbot_error** err) CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_identity_free(chatbot_identity* identity) CHATBOT_NOEXCEPT;

/** @} */

/** @name the endpoints, for any server (any thread)
 * @{ */

/** Answers a request. `target` is path and query as on the request line; `headers_json` is an
 * object of texts, {"Last-Event-ID": "7"}, and may be empty. The status is CHATBOT_OK whatever the
 * HTTP status of the answer. */
CHATBOT_API chatbot_status chatbot_serve(chatbot_engine* engine, const chatbot_identity* caller,
                                         const char* method, size_t method_len, const char* target,
                                         size_t target_len, const char* headers_json,
                                         size_t headers_len, const char* body, size_t body_len,
                                         chatbot_response** out,
                                         chatbot_error** err) CHATBOT_NOEXCEPT;

/** The OpenAPI 3.1 document of the endpoints. */
CHATBOT_API chatbot_status chatbot_openapi(chatbot_engine* engine, chatbot_bytes** out,
                                           chatbot_error** err) CHATBOT_NOEXCEPT;

/** @} */

/** @name responses (any thread; take_stream and free: owner)
 * @{ */

CHATBOT_API int32_t chatbot_response_status(const chatbot_response* response) CHATBOT_NOEXCEPT;

/** The number of headers. chatbot_response_header answers the name of one by its index, and its
 * value in `*value`; both are NULL beyond the last. */
CHATBOT_API size_t chatbot_response_header_count(const chatbot_response* response) CHATBOT_NOEXCEPT;
CHATBOT_API const char* chatbot_response_header(const chatbot_response* response, size_t index,
                                                const char** value) CHATBOT_NOEXCEPT;

/** The body; `len` may be NULL. */
CHATBOT_API const char* chatbot_response_body(const chatbot_response* response,
                                              size_t* len) CHATBOT_NOEXCEPT;

/** Takes the stream that is answered instead of a body; the caller owns it. NULL if there is none
 * or it was taken before. */
CHATBOT_API chatbot_stream* chatbot_response_take_stream(chatbot_response* response)
    CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_response_free(chatbot_response* response) CHATBOT_NOEXCEPT;

/** @} */

/** @name the same operations without HTTP (any thread)
 * @{ */

/** Starts a workflow, or the next round of one. `input_json` is a UserInputRequest; it names at
 * most 100 documents, by ids of at most 200 characters. `params_json` is empty, or an object of
 * "workflowId" (the workflow to go on with), "onBusy" ("reject", "interrupt" or "enqueue", for a
 * workflow whose round is still running) and "idempotencyKey" (1 to 255 printable ASCII
 * characters), each of which may be left out. A key that the caller has used before joins the round
 * that it has started; with another input it is CHATBOT_INVALID_ARGUMENT. `flags` is 0 or
 * CHATBOT_DELTAS. `workflow` (may be NULL) becomes the ChatWorkflow; for a start that waits, as it
 * is before its round. `stream` (may be NULL) becomes the stream of the start's round. */
CHATBOT_API chatbot_status chatbot_start(chatbot_engine* engine, const chatbot_identity* caller,
                                         const char* input_json, size_t input_len,
                                         const char* params_json, size_t params_len, int32_t flags,
                                         chatbot_bytes** workflow, chatbot_stream** stream,
                                         chatbot_error** err) CHATBOT_NOEXCEPT;

/** Stops the running round, and answers the ChatWorkflow as it is afterwards. A workflow that is
 * not running stays as it is. */
CHATBOT_API chatbot_status chatbot_stop(chatbot_engine* engine, const chatbot_identity* caller,
                                        const char* workflow_id, size_t id_len, chatbot_bytes** out,
                                        chatbot_error** err) CHATBOT_NOEXCEPT;
/** Gives a workflow another name, and answers the ChatWorkflow as it is afterwards. */
CHATBOT_API chatbot_status chatbot_rename(chatbot_engine* engine, const chatbot_identity* caller,
                                          const char* workflow_id, size_t id_len, const char* name,
                                          size_t name_len, chatbot_bytes** out,
                                          chatbot_error** err) CHATBOT_NOEXCEPT;

/** Deletes a workflow with all that belongs to it; a running round is cancelled first. */
CHATBOT_API chatbot_status chatbot_delete(chatbot_engine* engine, const chatbot_identity* caller,
                                          const char* workflow_id, size_t id_len,
                                          chatbot_error** err) CHATBOT_NOEXCEPT;

/** A page of the caller's workflows, {"items", "pagination"}; all of them if `params_json` is
 * empty. If another page follows, the pagination has a `nextCursor`: the next call's parameters
 * take it as `cursor`, instead of `page`. It is tied to the caller, the sort and the filters, and
 * valid for a day. A page by cursor costs the same however deep it is; a page by number costs what
 * it skips from the nearer end. */
CHATBOT_API chatbot_status chatbot_list(chatbot_engine* engine, const chatbot_identity* caller,
                                        const char* params_json, size_t params_len,
                                        chatbot_bytes** out, chatbot_error** err) CHATBOT_NOEXCEPT;

/** A workflow with all its items, {"workflow", "chatData"}. */
CHATBOT_API chatbot_status chatbot_detail(chatbot_engine* engine, const chatbot_identity* caller,
                                          const char* workflow_id, size_t id_len,
                                          chatbot_bytes** out,
                                          chatbot_error** err) CHATBOT_NOEXCEPT;

/** Joins a workflow: the stream has what follows the position `place` ("7" or "7.120", as
 * chatbot_stream_place and the `id` of a frame give it; empty: all items), then what is appended.
 * `flags` is 0 or CHATBOT_DELTAS. CHATBOT_END if nothing is left to be sent and nothing more will
 * come, CHATBOT_CONFLICT for a position that does not exist yet. */
CHATBOT_API chatbot_status chatbot_join(chatbot_engine* engine, const chatbot_identity* caller,
                                        const char* workflow_id, size_t id_len, const char* place,
                                        size_t place_len, int32_t flags, chatbot_stream** out,
                                        chatbot_error** err) CHATBOT_NOEXCEPT;

/** @} */

/** @name streams (one at a time; pollable, set_notify and cancel: any thread)
 *
 * There are four ways to wait for a stream: a read with a timeout, a descriptor, a callback and a
 * wait set. They have one meaning and may be combined. A deadline (keepalive, lifetime) makes a
 * stream ready, so that a host needs no timer; all but a read may notice it up to 1/128 of
 * keepaliveMs late, together with others. A reader that stops reading costs at most 16 KiB and two
 * items, whatever it has missed.
 * @{ */

/** Copies server-sent events into `dst`, as many whole frames as are there and fit; a frame larger
 * than `capacity` is split over calls. CHATBOT_WOULD_BLOCK when nothing came within the timeout,
 * CHATBOT_END after the last byte. A stream is read either by this function or by
 * chatbot_stream_next; the other one then answers CHATBOT_MISUSE. */
CHATBOT_API chatbot_status chatbot_stream_read(chatbot_stream* stream, int64_t timeout_ms,
                                               char* dst, size_t capacity, size_t* written,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Reads the next event, as JSON; `kind` (may be NULL) becomes its CHATBOT_EVENT_…
 * CHATBOT_WOULD_BLOCK and CHATBOT_END as for chatbot_stream_read. */
CHATBOT_API chatbot_status chatbot_stream_next(chatbot_stream* stream, int64_t timeout_ms,
                                               int32_t* kind, chatbot_bytes** event,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** The position after what was read last, for chatbot_join and as Last-Event-ID. Borrowed until the
 * next call on the stream. */
CHATBOT_API const char* chatbot_stream_place(chatbot_stream* stream) CHATBOT_NOEXCEPT;

/** Why the stream has ended: "completed", "stopped", "error" (how the round ended), "deleted",
 * "expired", "denied", "cancelled" or "shutdown". "open" while it has not. */
CHATBOT_API const char* chatbot_stream_end_reason(const chatbot_stream* stream) CHATBOT_NOEXCEPT;

/** A descriptor that is readable exactly while chatbot_stream_read would not wait.
 * (chatbot_stream_next passes over keepalives, so it may find nothing then.) Level-triggered; it
 * belongs to the stream: poll it, but never read or close it. Made on first request. */
CHATBOT_API chatbot_status chatbot_stream_pollable(chatbot_stream* stream, intptr_t* os_handle,
                                                   chatbot_error** err) CHATBOT_NOEXCEPT;

/** Calls `notify`, from a library thread, each time that the stream becomes ready after a read has
 * found nothing, and once if it is ready now. Replaces an earlier function; NULL removes it: when
 * this call returns, the earlier one is not running and will not run. CHATBOT_UNAVAILABLE after a
 * shutdown. `destroy` may be NULL. */
CHATBOT_API chatbot_status chatbot_stream_set_notify(chatbot_stream* stream,
                                                     chatbot_notify_fn notify, void* user_data,
                                                     chatbot_destroy_fn destroy) CHATBOT_NOEXCEPT;

/** Ends the stream, now and for ever. Never waits; may be repeated. */
CHATBOT_API void chatbot_stream_cancel(chatbot_stream* stream) CHATBOT_NOEXCEPT;
CHATBOT_API void chatbot_stream_free(chatbot_stream* stream) CHATBOT_NOEXCEPT;

/** @} */

/** @name wait sets: one wait for many streams (any thread; free: owner)
 * @{ */

/** An empty set, for streams of this engine. */
CHATBOT_API chatbot_status chatbot_waitset_new(chatbot_engine* engine, chatbot_waitset** out,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Adds a stream; chatbot_waitset_wait answers `token` for it. CHATBOT_MISUSE for a stream that is
 * in a set already. A stream that is freed leaves its set. */
CHATBOT_API chatbot_status chatbot_waitset_add(chatbot_waitset* set, chatbot_stream* stream,
                                               uint64_t token,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Takes a stream out; does nothing for one that is not in this set. */
CHATBOT_API void chatbot_waitset_remove(chatbot_waitset* set,
                                        chatbot_stream* stream) CHATBOT_NOEXCEPT;

/** Waits until a stream is ready or chatbot_waitset_wake was called, and writes the tokens of
 * streams that are ready: at most `capacity`; the next call begins with the others.
 * Level-triggered: a stream that stays ready comes again. CHATBOT_WOKEN after a wake (`*count` may
 * be 0 then), CHATBOT_WOULD_BLOCK when nothing came within the timeout. */
CHATBOT_API chatbot_status chatbot_waitset_wait(chatbot_waitset* set, int64_t timeout_ms,
                                                uint64_t* tokens, size_t capacity, size_t* count,
                                                chatbot_error** err) CHATBOT_NOEXCEPT;

/** Ends the wait that runs, or else the next one. Several wakes before a wait count as one. */
CHATBOT_API void chatbot_waitset_wake(chatbot_waitset* set) CHATBOT_NOEXCEPT;

/** A descriptor that is readable exactly while chatbot_waitset_wait would not wait; see
 * chatbot_stream_pollable. */
CHATBOT_API chatbot_status chatbot_waitset_pollable(chatbot_waitset* set, intptr_t* os_handle,
                                                    chatbot_error** err) CHATBOT_NOEXCEPT;

/** Frees the set. Its streams stay open. */
CHATBOT_API void chatbot_waitset_free(chatbot_waitset* set) CHATBOT_NOEXCEPT;

/** @} */

/** @name turns: answering rounds, with the option responder=host
 *
 * A turn that nobody takes within the option turnTimeoutMs ends as failed. Once a turn's round is
 * over (finished by this turn, stopped, deleted, followed by another one, or the engine shut down)
 * chatbot_turn_append, _delta, _rename and the first _finish answer CHATBOT_CANCELLED and change
 * nothing; the other calls on the turn work on. Arguments are checked first: one that does not fit
 * is CHATBOT_INVALID_ARGUMENT, whether the round is over or not.
 * @{ */

/** Takes the oldest waiting turn. CHATBOT_END once the engine is shut down; CHATBOT_UNSUPPORTED
 * where a built-in responder answers. Any thread; several takers share the work. Turns that were
 * cancelled while they waited are passed over. */
CHATBOT_API chatbot_status chatbot_turn_take(chatbot_engine* engine, int64_t timeout_ms,
                                             chatbot_turn** out,
                                             chatbot_error** err) CHATBOT_NOEXCEPT;

/** A descriptor that is readable while a turn is waiting, and after shutdown. It belongs to the
 * engine; any number of takers may poll it, and one of them gets the turn. Any thread. */
CHATBOT_API chatbot_status chatbot_turn_pollable(chatbot_engine* engine, intptr_t* os_handle,
                                                 chatbot_error** err) CHATBOT_NOEXCEPT;

/** {"workflowId", "round", "messageId", "userId", "mandateId", "prompt", "userLanguage",
 * "listFileId", "documents": [ChatDocument, …], "history": [chat item, …]}: `documents` are those
 * that listFileId names; `history` holds the messages of earlier rounds, oldest first, each with
 * its role, documents and roundNumber. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_input(chatbot_turn* turn, chatbot_bytes** out,
                                              chatbot_error** err) CHATBOT_NOEXCEPT;

/** Appends {"type": "message" | "log" | "stat", "item": {…}}, where `item` has those fields of its
 * model that the responder sets, a message's documents included; or a list of such items, all in
 * one transaction. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_append(chatbot_turn* turn, const char* item_json,
                                               size_t len, chatbot_error** err) CHATBOT_NOEXCEPT;

/** Adds to the text of the message that is being written. Clients with deltas see it at once; it is
 * stored soon after. The text becomes the first message that is appended afterwards with the role
 * "assistant" and without an id; the message takes the text if it has none of its own. If the round
 * ends before, the text is kept as a message: as the answer of a completed round, else as one that
 * says that it was interrupted. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_delta(chatbot_turn* turn, const char* text, size_t len,
                                              chatbot_error** err) CHATBOT_NOEXCEPT;

/** Gives the workflow another name, as chatbot_rename does. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_rename(chatbot_turn* turn, const char* name, size_t len,
                                               chatbot_error** err) CHATBOT_NOEXCEPT;

/** Ends the round: as completed if `error_text` is NULL, else as failed, with that text as a log
 * that clients see. CHATBOT_CANCELLED if the round was over already; CHATBOT_MISUSE after a finish
 * that has answered CHATBOT_OK or CHATBOT_CANCELLED. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_finish(chatbot_turn* turn, const char* error_text,
                                               size_t len, chatbot_error** err) CHATBOT_NOEXCEPT;

/** 1 once the round was stopped or deleted. Any thread. */
CHATBOT_API int32_t chatbot_turn_is_cancelled(const chatbot_turn* turn) CHATBOT_NOEXCEPT;

/** A descriptor that is readable once the turn is cancelled. It belongs to the turn. One at a time.
 */
CHATBOT_API chatbot_status chatbot_turn_cancel_pollable(chatbot_turn* turn, intptr_t* os_handle,
                                                        chatbot_error** err) CHATBOT_NOEXCEPT;

/** Calls `notify` once, from a library thread, when the turn is cancelled later on; a cancel that
 * came before is not told: ask chatbot_turn_is_cancelled after this call. Replaces an earlier
 * function; NULL removes it: when this call returns, the earlier one is not running and will not
 * run. `destroy` may be NULL. One at a time. */
CHATBOT_API chatbot_status chatbot_turn_on_cancel(chatbot_turn* turn, chatbot_notify_fn notify,
                                                  void* user_data,
                                                  chatbot_destroy_fn destroy) CHATBOT_NOEXCEPT;

/** Frees a turn; one that is unfinished ends its round as failed. When this returns, its callback
 * is not running and will not run. Owner. */
CHATBOT_API void chatbot_turn_free(chatbot_turn* turn) CHATBOT_NOEXCEPT;

/** @} */

/** @name access rules (any thread)
 *
 * The rules are kept in the database. What one engine sets holds within a second on the other
 * engines on the database, for open streams, too.
 * @{ */

/** Replaces the rules, [{"role", "table", "read", "create", "update", "delete"}, …] with the levels
 * "n", "m", "g" and "a", for calls and open streams alike. A document that does not fit changes
 * nothing: the error names the path, such as `rules[3].read`, or line and column. Nor does a call
 * that answers CHATBOT_UNAVAILABLE. */
CHATBOT_API chatbot_status chatbot_access_set_rules(chatbot_engine* engine, const char* rules_json,
                                                    size_t len,
                                                    chatbot_error** err) CHATBOT_NOEXCEPT;

/** The rules in force, as a document that chatbot_access_set_rules takes: in the order in which
 * they were given, levels that were absent or null left out. */
CHATBOT_API chatbot_status chatbot_access_rules(chatbot_engine* engine, chatbot_bytes** out,
                                                chatbot_error** err) CHATBOT_NOEXCEPT;

/** Checks whether the caller may do `operation` ("read", "create", "update", "delete") to the row
 * that `row_json`, {"mandateId": "…", "_createdBy": "…"}, describes: `*allowed` becomes 1 or 0. */
CHATBOT_API chatbot_status chatbot_access_check(chatbot_engine* engine,
                                                const chatbot_identity* caller, const char* table,
                                                const char* operation, const char* row_json,
                                                size_t row_len, int32_t* allowed,
                                                chatbot_error** err) CHATBOT_NOEXCEPT;

/** Names the rule that decides: {"level": "n" | "m" | "g" | "a", "role", "table", "rule"}. `level`
 * is the caller's ("m" where a rule says "g" to a caller without a mandate); `role`, `table` and
 * `rule`, an index in the document, are those of the rule, and null where no rule applies.
 */
CHATBOT_API chatbot_status chatbot_access_explain(chatbot_engine* engine,
                                                  const chatbot_identity* caller, const char* table,
                                                  const char* operation, chatbot_bytes** out,
                                                  chatbot_error** err) CHATBOT_NOEXCEPT;

/** @} */

/** @name the query engine over rows that the host brings (any thread)
 * @{ */

/** Applies PaginationParams to a list of objects, and answers {"items", "pagination"}.
 * `schema_json` names the fields, {"name": "text" | "integer" | "real"}; if it is empty, they are
 * those of ChatWorkflow. Cursors are given for rows with a sort, and are valid for a day in the
 * process that has given them. Rows have no messages to search in. */
CHATBOT_API chatbot_status chatbot_select(const char* rows_json, size_t rows_len,
                                          const char* schema_json, size_t schema_len,
                                          const char* params_json, size_t params_len,
                                          chatbot_bytes** out,
                                          chatbot_error** err) CHATBOT_NOEXCEPT;

/** @} */

#ifdef __cplusplus
}
#endif

#endif /* CHATBOT_H */
