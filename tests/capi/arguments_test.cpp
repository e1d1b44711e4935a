// NULL where something must be: every function answers, none crashes.
#include "support.h"

namespace {

using namespace capi_test;

// Whether the call was refused as an invalid argument that the message names. Frees the error.
bool refuses(chatbot_status status, chatbot_error*& raw, const char* name) {
  const Error error(std::exchange(raw, nullptr));
  const std::string message = chatbot_error_message(error.get());
  return status == CHATBOT_INVALID_ARGUMENT && message.starts_with(name);
}

TEST_CASE("every function that fails answers NULL handles") {
  chatbot_error* e = nullptr;
  Bytes bytes;
  Stream stream;
  Turn turn;
  Engine engine;
  intptr_t fd = 7;
  std::size_t written = 7;
  std::int32_t allowed = 7;
  char buffer[8];

  CHECK(refuses(chatbot_options_set(nullptr, "store", "x", 1, &e), e, "options"));
  CHECK(chatbot_options_set_log(nullptr, nullptr, nullptr, nullptr) == CHATBOT_INVALID_ARGUMENT);
  CHECK(refuses(chatbot_engine_open(nullptr, Out(engine), &e), e, "options"));
  CHECK(chatbot_engine_shutdown(nullptr) == CHATBOT_INVALID_ARGUMENT);
  CHECK(refuses(chatbot_openapi(nullptr, Out(bytes), &e), e, "engine"));
  CHECK(refuses(chatbot_start(nullptr, nullptr, "", 0, nullptr, 0, 0, nullptr, nullptr, &e), e,
                "engine"));
  CHECK(refuses(chatbot_stop(nullptr, nullptr, "", 0, Out(bytes), &e), e, "engine"));
  CHECK(refuses(chatbot_rename(nullptr, nullptr, "", 0, "", 0, Out(bytes), &e), e, "engine"));
  CHECK(refuses(chatbot_delete(nullptr, nullptr, "", 0, &e), e, "engine"));
  CHECK(refuses(chatbot_list(nullptr, nullptr, "", 0, Out(bytes), &e), e, "engine"));
  CHECK(refuses(chatbot_detail(nullptr, nullptr, "", 0, Out(bytes), &e), e, "engine"));
  CHECK(
      refuses(chatbot_join(nullptr, nullptr, "", 0, nullptr, 0, 0, Out(stream), &e), e, "engine"));
  CHECK(refuses(chatbot_turn_take(nullptr, 0, Out(turn), &e), e, "engine"));
  CHECK(refuses(chatbot_turn_pollable(nullptr, &fd, &e), e, "engine"));
  CHECK(refuses(chatbot_access_set_rules(nullptr, "[]", 2, &e), e, "engine"));
  CHECK(refuses(chatbot_access_rules(nullptr, Out(bytes), &e), e, "engine"));
  CHECK(refuses(chatbot_access_check(nullptr, nullptr, "", "", "", 0, &allowed, &e), e, "engine"));
  CHECK(refuses(chatbot_access_explain(nullptr, nullptr, "", "", Out(bytes), &e), e, "engine"));

  CHECK(refuses(chatbot_stream_read(nullptr, 0, buffer, 8, &written, &e), e, "stream"));
  CHECK(refuses(chatbot_stream_next(nullptr, 0, nullptr, Out(bytes), &e), e, "stream"));
  CHECK(refuses(chatbot_stream_pollable(nullptr, &fd, &e), e, "stream"));
  WaitSet set;
  std::uint64_t token = 0;
  CHECK(refuses(chatbot_waitset_new(nullptr, Out(set), &e), e, "engine"));
  CHECK(refuses(chatbot_waitset_add(nullptr, nullptr, 0, &e), e, "set"));
  CHECK(refuses(chatbot_waitset_wait(nullptr, 0, &token, 1, &written, &e), e, "set"));
  CHECK(refuses(chatbot_waitset_pollable(nullptr, &fd, &e), e, "set"));
  CHECK(refuses(chatbot_turn_delta(nullptr, "", 0, &e), e, "turn"));
  CHECK(chatbot_stream_set_notify(nullptr, nullptr, nullptr, nullptr) == CHATBOT_INVALID_ARGUMENT);
  CHECK(chatbot_stream_place(nullptr) == std::string_view());
  chatbot_waitset_remove(nullptr, nullptr);
  chatbot_waitset_wake(nullptr);
  chatbot_waitset_free(nullptr);
  CHECK(refuses(chatbot_turn_input(nullptr, Out(bytes), &e), e, "turn"));
  CHECK(refuses(chatbot_turn_append(nullptr, "", 0, &e), e, "turn"));
  CHECK(refuses(chatbot_turn_rename(nullptr, "x", 1, &e), e, "turn"));
  CHECK(refuses(chatbot_turn_finish(nullptr, nullptr, 0, &e), e, "turn"));
  CHECK(refuses(chatbot_turn_cancel_pollable(nullptr, &fd, &e), e, "turn"));
  CHECK(chatbot_turn_on_cancel(nullptr, nullptr, nullptr, nullptr) == CHATBOT_INVALID_ARGUMENT);

  // Outputs are 0 after a failure.
  CHECK(fd == 0);
  CHECK(written == 0);
  CHECK(allowed == 0);
}

TEST_CASE("getters and frees answer NULL handles") {
  const char* value = "left";
  std::size_t length = 7;
  CHECK(chatbot_response_status(nullptr) == 0);
  CHECK(chatbot_response_header_count(nullptr) == 0);
  CHECK(chatbot_response_header(nullptr, 0, &value) == nullptr);
  CHECK(value == nullptr);
  CHECK(chatbot_response_body(nullptr, &length) == std::string());
  CHECK(length == 0);
  CHECK(chatbot_response_body(nullptr, nullptr) == std::string());
  CHECK(chatbot_response_take_stream(nullptr) == nullptr);
  CHECK(chatbot_stream_end_reason(nullptr) == std::string("open"));
  CHECK(chatbot_turn_is_cancelled(nullptr) == 0);
  chatbot_stream_cancel(nullptr);

  chatbot_options_free(nullptr);
  chatbot_engine_free(nullptr);
  chatbot_identity_free(nullptr);
  chatbot_response_free(nullptr);
  chatbot_stream_free(nullptr);
  chatbot_turn_free(nullptr);
}

TEST_CASE("outputs that must be there are asked for") {
  const Bench bench;
  chatbot_engine* const engine = bench.engine.get();
  const chatbot_identity* const caller = bench.caller.get();
  const Options chosen(chatbot_options_new());
  const Started started = bench.start();
  const Turn turn = bench.take();
  const std::string& id = started.id;
  std::size_t written = 0;
  char buffer[8];
  chatbot_error* e = nullptr;

  CHECK(refuses(chatbot_options_describe(nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_engine_open(chosen.get(), nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_identity_new("{}", 2, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_serve(engine, caller, "GET", 3, "/", 1, "", 0, "", 0, nullptr, &e), e,
                "out"));
  CHECK(refuses(chatbot_openapi(engine, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_stop(engine, caller, id.data(), id.size(), nullptr, &e), e, "out"));
  CHECK(
      refuses(chatbot_rename(engine, caller, id.data(), id.size(), "x", 1, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_list(engine, caller, "", 0, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_detail(engine, caller, id.data(), id.size(), nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_join(engine, caller, id.data(), id.size(), nullptr, 0, 0, nullptr, &e), e,
                "out"));
  CHECK(refuses(chatbot_turn_take(engine, 0, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_turn_pollable(engine, nullptr, &e), e, "os_handle"));
  CHECK(refuses(chatbot_turn_input(turn.get(), nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_turn_cancel_pollable(turn.get(), nullptr, &e), e, "os_handle"));
  CHECK(refuses(chatbot_stream_pollable(started.stream.get(), nullptr, &e), e, "os_handle"));
  CHECK(refuses(chatbot_stream_next(started.stream.get(), 0, nullptr, nullptr, &e), e, "event"));
  CHECK(refuses(chatbot_stream_read(started.stream.get(), 0, nullptr, 8, &written, &e), e, "dst"));
  CHECK(refuses(chatbot_stream_read(started.stream.get(), 0, buffer, 0, &written, &e), e,
                "capacity"));
  CHECK(
      refuses(chatbot_stream_read(started.stream.get(), 0, buffer, 8, nullptr, &e), e, "written"));
  WaitSet set;
  REQUIRE(chatbot_waitset_new(engine, Out(set), nullptr) == CHATBOT_OK);
  std::uint64_t token = 0;
  CHECK(refuses(chatbot_waitset_new(engine, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_waitset_add(set.get(), nullptr, 1, &e), e, "stream"));
  CHECK(refuses(chatbot_waitset_wait(set.get(), 0, nullptr, 1, &written, &e), e, "tokens"));
  CHECK(refuses(chatbot_waitset_wait(set.get(), 0, &token, 1, nullptr, &e), e, "count"));
  CHECK(refuses(chatbot_waitset_wait(set.get(), 0, &token, 0, &written, &e), e, "capacity"));
  CHECK(refuses(chatbot_waitset_pollable(set.get(), nullptr, &e), e, "os_handle"));
  chatbot_waitset_remove(set.get(), nullptr);
  CHECK(refuses(chatbot_access_check(engine, caller, "T", "read", "{}", 2, nullptr, &e), e,
                "allowed"));
  CHECK(refuses(chatbot_access_explain(engine, caller, "T", "read", nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_access_rules(engine, nullptr, &e), e, "out"));
  CHECK(refuses(chatbot_select("[]", 2, "", 0, "", 0, nullptr, &e), e, "out"));

  // None of them has changed anything.
  CHECK(append(turn, "Still here") == CHATBOT_OK);
  CHECK(readFrames(started.stream, 0).find("Still here") != std::string::npos);
}

TEST_CASE("a caller is asked for, and text that has a length") {
  const Bench bench;
  chatbot_engine* const engine = bench.engine.get();
  chatbot_error* e = nullptr;
  Bytes bytes;
  CHECK(refuses(chatbot_list(engine, nullptr, "", 0, Out(bytes), &e), e, "caller"));
  CHECK(refuses(chatbot_list(engine, bench.caller.get(), nullptr, 1, Out(bytes), &e), e,
                "params_json"));
  CHECK(chatbot_list(engine, bench.caller.get(), nullptr, 0, Out(bytes), nullptr) == CHATBOT_OK);
  CHECK(refuses(chatbot_access_explain(engine, bench.caller.get(), nullptr, "read", Out(bytes), &e),
                e, "table"));
}

TEST_CASE("a start and a join take the flags that there are, and places that are places") {
  const Bench bench;
  const Started started = bench.start();
  const std::string& id = started.id;
  const std::string_view input = R"({"prompt": "Hello"})";
  chatbot_error* e = nullptr;
  Stream stream;
  const auto join = [&](std::string_view place, std::int32_t flags) {
    return chatbot_join(bench.engine.get(), bench.caller.get(), id.data(), id.size(), place.data(),
                        place.size(), flags, Out(stream), &e);
  };
  for (const std::int32_t flags : {2, 3, -1}) {
    CHECK(refuses(chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(),
                                nullptr, 0, flags, nullptr, nullptr, &e),
                  e, "flags"));
    CHECK(refuses(join("", flags), e, "flags"));
  }
  for (const char* place : {"x", "-1", "1.", ".1", "1.2.3", "1 ", "+1", "99999999999999999999"}) {
    CAPTURE(place);
    CHECK(refuses(join(place, 0), e, "place"));
    CHECK(stream == nullptr);
  }
  CHECK(join("1", CHATBOT_DELTAS) == CHATBOT_OK);
}

TEST_CASE("a timeout may be as long as the type holds") {
  const Bench bench;
  const Started started = bench.start();
  CHECK(next(started.stream, INT64_MAX).status == CHATBOT_OK);
  Turn turn;
  CHECK(chatbot_turn_take(bench.engine.get(), INT64_MAX, Out(turn), nullptr) == CHATBOT_OK);
  WaitSet set;
  REQUIRE(chatbot_waitset_new(bench.engine.get(), Out(set), nullptr) == CHATBOT_OK);
  for (const std::int64_t timeout : {INT64_MAX, INT64_MIN}) {
    std::uint64_t token = 0;
    std::size_t count = 0;
    chatbot_waitset_wake(set.get());
    CHECK(chatbot_waitset_wait(set.get(), timeout, &token, 1, &count, nullptr) == CHATBOT_WOKEN);
  }
  CHECK(next(started.stream, 0).status == CHATBOT_WOULD_BLOCK);
  turn.reset();
  CHECK(next(started.stream, INT64_MIN).status == CHATBOT_OK);
}

}  // namespace
