#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

namespace {

using namespace capi_test;

TEST_CASE("a store must be named, and must open") {
  const Options chosen(chatbot_options_new());
  Engine engine;
  Error error;
  CHECK(chatbot_engine_open(chosen.get(), Out(engine), Out(error)) == CHATBOT_INVALID_ARGUMENT);
  CHECK(std::string(chatbot_error_message(error.get())) == "The option store must be set");
  CHECK(engine == nullptr);

  const Folder folder;
  const std::string path = folder.file("absent/chat.sqlite");
  REQUIRE(chatbot_options_set(chosen.get(), "store", path.data(), path.size(), nullptr) ==
          CHATBOT_OK);
  CHECK(chatbot_engine_open(chosen.get(), Out(engine), Out(error)) == CHATBOT_UNAVAILABLE);
  CHECK(engine == nullptr);
}

TEST_CASE("what was said is there when the store is opened again") {
  const Folder folder;
  const Options chosen = options(folder, {{"responder", "echo"}});
  const Identity caller = identity();
  const std::string input = R"({"prompt": "Remember me"})";
  {
    const Engine engine = open(chosen);
    Stream stream;
    REQUIRE(chatbot_start(engine.get(), caller.get(), input.data(), input.size(), nullptr, 0, 0,
                          nullptr, Out(stream), nullptr) == CHATBOT_OK);
    readFrames(stream);
  }
  const Engine engine = open(chosen);
  Bytes list;
  REQUIRE(chatbot_list(engine.get(), caller.get(), "", 0, Out(list), nullptr) == CHATBOT_OK);
  CHECK(json(list)["items"][0]["name"] == "Remember me");
}

TEST_CASE("after a shutdown every call answers that the engine is unavailable") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  chatbot_engine* const engine = bench.engine.get();
  const chatbot_identity* const caller = bench.caller.get();
  const std::string& id = started.id;
  const std::string input = R"({"prompt": "Hello"})";
  intptr_t waiting = 0;
  REQUIRE(chatbot_turn_pollable(engine, &waiting, nullptr) == CHATBOT_OK);
  CHECK(!isReadable(waiting));
  REQUIRE(chatbot_engine_shutdown(engine) == CHATBOT_OK);
  REQUIRE(chatbot_engine_shutdown(engine) == CHATBOT_OK);

  Bytes out;
  Stream stream;
  Response response;
  std::int32_t allowed = 0;
  const chatbot_status gone = CHATBOT_UNAVAILABLE;
  CHECK(chatbot_serve(engine, caller, "GET", 3, "/", 1, "", 0, "", 0, Out(response), nullptr) ==
        gone);
  CHECK(chatbot_openapi(engine, Out(out), nullptr) == gone);
  CHECK(chatbot_start(engine, caller, input.data(), input.size(), nullptr, 0, 0, Out(out),
                      Out(stream), nullptr) == gone);
  CHECK(chatbot_stop(engine, caller, id.data(), id.size(), Out(out), nullptr) == gone);
  CHECK(chatbot_rename(engine, caller, id.data(), id.size(), "x", 1, Out(out), nullptr) == gone);
  CHECK(chatbot_delete(engine, caller, id.data(), id.size(), nullptr) == gone);
  CHECK(chatbot_list(engine, caller, "", 0, Out(out), nullptr) == gone);
  CHECK(chatbot_detail(engine, caller, id.data(), id.size(), Out(out), nullptr) == gone);
  CHECK(chatbot_join(engine, caller, id.data(), id.size(), nullptr, 0, 0, Out(stream), nullptr) ==
        gone);
  CHECK(chatbot_access_set_rules(engine, "[]", 2, nullptr) == gone);
  CHECK(chatbot_access_rules(engine, Out(out), nullptr) == gone);
  CHECK(chatbot_access_check(engine, caller, "T", "read", "{}", 2, &allowed, nullptr) == gone);
  CHECK(chatbot_access_explain(engine, caller, "T", "read", Out(out), nullptr) == gone);

  // Those who wait are told that nothing will come.
  Turn late;
  CHECK(chatbot_turn_take(engine, -1, Out(late), nullptr) == CHATBOT_END);
  CHECK(isReadable(waiting));
  CHECK(append(turn, "Too late") == CHATBOT_CANCELLED);
  CHECK(chatbot_turn_is_cancelled(turn.get()) == 1);
  CHECK(finish(turn) == CHATBOT_CANCELLED);
  readFrames(started.stream);
  CHECK(endReason(started.stream) == "shutdown");
}

// Looks at the engine in a forked child, where the test framework cannot be used. 0: all is well.
int checkInChild(const Bench& bench, Started& started, chatbot_turn* turn, chatbot_waitset* set) {
  const chatbot_status gone = CHATBOT_UNAVAILABLE;
  chatbot_engine* const engine = bench.engine.get();
  chatbot_error* error = nullptr;
  chatbot_bytes* out = nullptr;
  chatbot_turn* taken = nullptr;
  chatbot_response* response = nullptr;
  intptr_t handle = 0;
  char frame[64];
  std::size_t written = 0;
  if (chatbot_list(engine, bench.caller.get(), "", 0, &out, &error) != gone) return 1;
  if (chatbot_error_http_status(error) != 503) return 2;
  chatbot_error_free(error);
  if (chatbot_serve(engine, bench.caller.get(), "GET", 3, "/", 1, "", 0, "", 0, &response,
                    nullptr) != gone) {
    return 3;
  }
  if (chatbot_turn_take(engine, -1, &taken, nullptr) != gone) return 4;
  if (chatbot_engine_shutdown(engine) != gone) return 5;
  chatbot_stream* const stream = started.stream.get();
  if (chatbot_stream_read(stream, -1, frame, sizeof frame, &written, nullptr) != gone) return 6;
  if (chatbot_stream_next(stream, -1, nullptr, &out, nullptr) != gone) return 7;
  if (chatbot_stream_pollable(stream, &handle, nullptr) != gone) return 8;
  if (chatbot_turn_append(turn, "{}", 2, nullptr) != gone) return 9;
  if (chatbot_turn_input(turn, &out, nullptr) != gone) return 10;
  if (chatbot_turn_finish(turn, nullptr, 0, nullptr) != gone) return 11;
  if (chatbot_turn_is_cancelled(turn) != 1) return 12;
  if (chatbot_turn_delta(turn, "x", 1, nullptr) != gone) return 13;
  if (chatbot_turn_rename(turn, "x", 1, nullptr) != gone) return 20;
  if (chatbot_stream_set_notify(stream, nullptr, nullptr, nullptr) != gone) return 14;
  if (*chatbot_stream_place(stream) != '\0') return 15;
  chatbot_waitset* made = nullptr;
  std::uint64_t token = 0;
  if (chatbot_waitset_new(engine, &made, nullptr) != gone) return 16;
  if (chatbot_waitset_add(set, stream, 2, nullptr) != gone) return 17;
  if (chatbot_waitset_wait(set, -1, &token, 1, &written, nullptr) != gone) return 18;
  if (chatbot_waitset_pollable(set, &handle, nullptr) != gone) return 19;
  chatbot_waitset_remove(set, stream);
  chatbot_waitset_wake(set);
  chatbot_waitset_free(set);
  chatbot_stream_cancel(stream);
  chatbot_stream_free(started.stream.release());
  chatbot_turn_free(turn);
  return 0;
}

TEST_CASE("in a forked child every call answers, none waits, and the parent goes on") {
  Bench bench;
  Started started = bench.start();
  const Turn turn = bench.take();
  WaitSet set;
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(set), nullptr) == CHATBOT_OK);
  REQUIRE(chatbot_waitset_add(set.get(), started.stream.get(), 1, nullptr) == CHATBOT_OK);

  const pid_t child = fork();
  if (child == 0) {
    const int outcome = checkInChild(bench, started, turn.get(), set.release());
    chatbot_engine_free(bench.engine.release());
    _exit(outcome);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);

  CHECK(append(turn, "Good day") == CHATBOT_OK);
  CHECK(finish(turn) == CHATBOT_OK);
  CHECK(wait(set) == std::vector<std::uint64_t>{1});
  CHECK(readFrames(started.stream).find("Good day") != std::string::npos);
  CHECK(endReason(started.stream) == "completed");
}

}  // namespace
