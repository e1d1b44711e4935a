#include "support.h"

namespace {

using namespace capi_test;

std::string refusal(const char* name, std::string_view value) {
  const Options chosen(chatbot_options_new());
  Error error;
  const chatbot_status status =
      chatbot_options_set(chosen.get(), name, value.data(), value.size(), Out(error));
  REQUIRE((status == CHATBOT_OK || status == CHATBOT_INVALID_ARGUMENT));
  return status == CHATBOT_OK ? "" : chatbot_error_message(error.get());
}

TEST_CASE("integers are taken within their bounds and nothing else is") {
  for (const char* good : {"1", "4", "64"}) CHECK(refusal("readers", good) == "");
  for (const char* bad :
       {"", "0", "65", "-1", "4.0", " 4", "4 ", "four", "0x4", "+4", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(refusal("readers", bad) == "readers takes an integer from 1 to 64");
  }
  CHECK(refusal("rateLimit", "0") == "");
  CHECK(refusal("rateLimit", "-1") == "rateLimit takes an integer from 0 to 1000000000");
  CHECK(refusal("keepaliveMs", "0") == "keepaliveMs takes an integer from 1 to 86400000");
}

TEST_CASE("choices are taken by name") {
  for (const char* good : {"normal", "full"}) CHECK(refusal("synchronous", good) == "");
  CHECK(refusal("synchronous", "off") == "synchronous takes normal or full");
  for (const char* good : {"echo", "script", "openai", "host"})
    CHECK(refusal("responder", good) == "");
  CHECK(refusal("responder", "Echo") == "responder takes echo, script, openai or host");
  for (const char* good : {"reject", "interrupt"}) CHECK(refusal("onBusy", good) == "");
  CHECK(refusal("onBusy", "") == "onBusy takes reject, interrupt or enqueue");
}

TEST_CASE("texts are taken where they fit") {
  CHECK(refusal("store", "chat.sqlite") == "");
  CHECK(refusal("store", "") ==
        "store takes the path of an SQLite file, or the URL of a PostgreSQL database");
  CHECK(refusal("store", std::string_view("a\0b", 3)) ==
        "store takes the path of an SQLite file, or the URL of a PostgreSQL database");
  for (const char* good : {"", "/chat", "/api/v1/chat"}) CHECK(refusal("prefix", good) == "");
  for (const char* bad : {"chat", "/", "/chat/"}) CHECK(refusal("prefix", bad) != "");
  CHECK(refusal("accessRules", "") == "");
  CHECK(refusal("accessRules", "[]") == "");
  CHECK(refusal("accessRules", "oops") != "");
}

TEST_CASE("an option that there is not is named") {
  CHECK(refusal("colour", "blue") == "There is no option colour");
  CHECK(refusal("", "") == "There is no option ");
}

TEST_CASE("an option that was refused stays as it was") {
  const Folder folder;
  const Options chosen = options(folder, {{"responder", "host"}});
  CHECK(chatbot_options_set(chosen.get(), "responder", "nobody", 6, nullptr) ==
        CHATBOT_INVALID_ARGUMENT);
  const Engine engine = open(chosen);
  Turn turn;
  CHECK(chatbot_turn_take(engine.get(), 0, Out(turn), nullptr) == CHATBOT_WOULD_BLOCK);
}

TEST_CASE("the endpoints are where the prefix says") {
  const Bench bench({{"prefix", "/talk"}});
  CHECK(chatbot_response_status(bench.serve("GET", "/talk/threads").get()) == 200);
  CHECK(chatbot_response_status(bench.serve("GET", "/api/chatbot/threads").get()) == 404);
}

TEST_CASE("a body has the size that is allowed") {
  const Bench bench({{"maxBodyBytes", "100"}});
  const std::string body = R"({"prompt": ")" + std::string(100, 'x') + "\"}";
  CHECK(chatbot_response_status(bench.serve("POST", "/api/chatbot/start/stream", body).get()) ==
        413);
}

TEST_CASE("a database is as large as allowed, and what does not fit is refused") {
  const Bench bench(
      {{"responder", "host"}, {"storeMaxBytes", "400000"}, {"maxBodyBytes", "1000000"}});
  CHECK(!bench.start().id.empty());
  const std::string body = R"({"prompt": ")" + std::string(500'000, 'x') + "\"}";
  CHECK(chatbot_response_status(bench.serve("POST", "/api/chatbot/start/stream", body).get()) ==
        503);
  CHECK(!bench.start().id.empty());
}

TEST_CASE("the wait for another process that is writing has bounds") {
  CHECK(refusal("busyTimeoutMs", "0") == "");
  CHECK(refusal("busyTimeoutMs", "-1") == "busyTimeoutMs takes an integer from 0 to 86400000");
}

TEST_CASE("requests come at the rate that is allowed") {
  const Bench bench({{"rateLimit", "2"}});
  CHECK(chatbot_response_status(bench.serve("GET", "/api/chatbot/threads").get()) == 200);
  CHECK(chatbot_response_status(bench.serve("GET", "/api/chatbot/threads").get()) == 200);
  CHECK(chatbot_response_status(bench.serve("GET", "/api/chatbot/threads").get()) == 429);
}

TEST_CASE("a busy workflow is interrupted where that was chosen") {
  const Bench bench({{"responder", "host"}, {"onBusy", "interrupt"}});
  const Started first = bench.start();
  const Turn turn = bench.take();
  const Started second = bench.start("Hurry", first.id);
  CHECK(second.id == first.id);
  CHECK(chatbot_turn_is_cancelled(turn.get()) == 1);
}

TEST_CASE("streams and rounds are as many as allowed") {
  const std::string input = R"({"prompt": "Hello"})";
  for (const char* limit : {"maxStreams", "maxStreamsPerUser", "maxRounds", "maxRoundsPerMandate",
                            "maxRoundsPerUser"}) {
    CAPTURE(limit);
    const Bench bench({{"responder", "host"}, {limit, "1"}});
    const Started held = bench.start();
    const Turn turn = bench.take();
    Stream stream;
    CHECK(chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(), nullptr,
                        0, 0, nullptr, Out(stream), nullptr) == CHATBOT_UNAVAILABLE);
    CHECK(stream == nullptr);
  }
}

TEST_CASE("at a limit a start waits where that was chosen, if not too many do") {
  const Bench bench({{"responder", "host"},
                     {"onLimit", "queue"},
                     {"maxRoundsPerUser", "1"},
                     {"maxWaitingRounds", "1"}});
  const Started first = bench.start();
  const Started second = bench.start();
  const Turn turn = bench.take();
  CHECK(next(second.stream).item["item"]["message"] == "Hello");
  const std::string input = R"({"prompt": "Hello"})";
  CHECK(chatbot_start(bench.engine.get(), bench.caller.get(), input.data(), input.size(), nullptr,
                      0, 0, nullptr, nullptr, nullptr) == CHATBOT_UNAVAILABLE);
  CHECK(finish(turn) == CHATBOT_OK);
  const Turn waited = bench.take();
  CHECK(finish(waited) == CHATBOT_OK);
  CHECK(next(second.stream).status == CHATBOT_END);
  CHECK(refusal("onLimit", "wait") == "onLimit takes reject or queue");
}

TEST_CASE("a turn waits as long as allowed, and then fails") {
  const Bench bench({{"responder", "host"}, {"turnTimeoutMs", "20"}});
  const Started started = bench.start();
  next(started.stream);
  CHECK(next(started.stream).item["item"]["message"] == "Nobody has taken the turn within 0.02 s");
  CHECK(next(started.stream).status == CHATBOT_END);
  CHECK(endReason(started.stream) == "error");
  CHECK(refusal("turnTimeoutMs", "0") == "");
  CHECK(refusal("turnTimeoutMs", "-1") == "turnTimeoutMs takes an integer from 0 to 86400000");
}

TEST_CASE("the rules of a new engine can be chosen") {
  const Bench bench({{"accessRules", R"([{"role": "user", "table": "*", "read": "a"}])"}});
  Bytes decision;
  REQUIRE(chatbot_access_explain(bench.engine.get(), bench.caller.get(), "ChatWorkflow", "read",
                                 Out(decision), nullptr) == CHATBOT_OK);
  CHECK(json(decision) == Json{{"level", "a"}, {"role", "user"}, {"table", "*"}, {"rule", 0}});
}

TEST_CASE("the built-in responders answer by themselves") {
  const Bench echo({{"responder", "echo"}});
  const Started echoed = echo.start("Parrot");
  CHECK(readFrames(echoed.stream).find("Parrot") != std::string::npos);
  CHECK(endReason(echoed.stream) == "completed");

  const Bench script({{"responder", "script"}});
  const Started scripted = script.start("#bench {\"chunks\": 2, \"fail\": true}");
  readFrames(scripted.stream);
  CHECK(endReason(scripted.stream) == "error");
}

}  // namespace
