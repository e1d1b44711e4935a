#include <thread>

#include "calls.h"

namespace {

using namespace capi_test;

chatbot_status onCancel(const Turn& turn, Calls& calls) {
  return chatbot_turn_on_cancel(turn.get(), Calls::notify, &calls, Calls::destroy);
}

TEST_CASE("a turn's input is the prompt with all that belongs to it") {
  const Bench bench;
  const std::string prompt = "He said \"\n\xF0\x9F\x98\x80\"";
  const Started started = bench.start(prompt);
  {
    const Turn first = bench.take();
    REQUIRE(append(first, "Good day") == CHATBOT_OK);
    REQUIRE(finish(first) == CHATBOT_OK);
  }
  const Json again = {{"prompt", "Go on"},
                      {"workflowId", started.id},
                      {"userLanguage", "de"},
                      {"listFileId", {"f1", "f2"}}};
  const std::string body = again.dump();
  REQUIRE(chatbot_start(bench.engine.get(), bench.caller.get(), body.data(), body.size(), 0,
                        nullptr, nullptr, nullptr) == CHATBOT_OK);
  const Turn second = bench.take();
  Bytes bytes;
  REQUIRE(chatbot_turn_input(second.get(), Out(bytes), nullptr) == CHATBOT_OK);
  const Json input = json(bytes);
  CHECK(input["workflowId"] == started.id);
  CHECK(input["round"] == 2);
  CHECK(input["messageId"].get<std::string>().size() == 36);
  CHECK(input["userId"] == "ada");
  CHECK(input["mandateId"] == "acme");
  CHECK(input["prompt"] == "Go on");
  CHECK(input["userLanguage"] == "de");
  CHECK(input["listFileId"] == Json{"f1", "f2"});
  REQUIRE(input["history"].size() == 2);
  CHECK(input["history"][0]["item"]["message"] == prompt);
  CHECK(input["history"][1]["item"]["message"] == "Good day");
}

TEST_CASE("turns are taken in the order in which their rounds began, each once") {
  const Bench bench;
  const Started first = bench.start("First");
  const Started second = bench.start("Second");
  for (const Started* started : {&first, &second}) {
    Bytes input;
    const Turn turn = bench.take();
    REQUIRE(chatbot_turn_input(turn.get(), Out(input), nullptr) == CHATBOT_OK);
    CHECK(json(input)["workflowId"] == started->id);
  }
  Turn none;
  CHECK(chatbot_turn_take(bench.engine.get(), 0, Out(none), nullptr) == CHATBOT_WOULD_BLOCK);
  CHECK(none == nullptr);
}

TEST_CASE("a built-in responder leaves no turns to take") {
  const Bench bench({{"responder", "echo"}});
  Turn turn;
  intptr_t handle = 0;
  CHECK(chatbot_turn_take(bench.engine.get(), 0, Out(turn), nullptr) == CHATBOT_UNSUPPORTED);
  CHECK(chatbot_turn_pollable(bench.engine.get(), &handle, nullptr) == CHATBOT_UNSUPPORTED);
}

TEST_CASE("an item that does not fit is refused and the turn goes on") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  for (const char* bad : {"", "oops", "[]", "{}", R"({"type": "poem", "item": {}})",
                          R"({"type": "message", "item": {"message": 7}})",
                          R"({"type": "log", "item": {"message": "x", "progress": 2}})"}) {
    CAPTURE(bad);
    CHECK(chatbot_turn_append(turn.get(), bad, std::strlen(bad), nullptr) ==
          CHATBOT_INVALID_ARGUMENT);
  }
  CHECK(append(turn, "Good day") == CHATBOT_OK);
  CHECK(next(started.stream).place == 1);
  CHECK(next(started.stream).item["item"]["message"] == "Good day");
}

TEST_CASE("a failed round shows its text, also an empty one") {
  const Bench bench;
  for (const std::string text : {"Out of tea", ""}) {
    const Started started = bench.start();
    const Turn turn = bench.take();
    REQUIRE(chatbot_turn_finish(turn.get(), text.data(), text.size(), nullptr) == CHATBOT_OK);
    next(started.stream);
    const Next log = next(started.stream);
    CHECK(log.item["type"] == "log");
    CHECK(log.item["item"]["type"] == "error");
    CHECK(log.item["item"]["message"] == text);
    CHECK(next(started.stream).status == CHATBOT_END);
    CHECK(endReason(started.stream) == "error");
  }
}

TEST_CASE("a cancel is told by flag, descriptor and call") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  Calls calls;
  intptr_t handle = 0;
  REQUIRE(chatbot_turn_cancel_pollable(turn.get(), &handle, nullptr) == CHATBOT_OK);
  REQUIRE(onCancel(turn, calls) == CHATBOT_OK);
  CHECK(chatbot_turn_is_cancelled(turn.get()) == 0);
  CHECK(!isReadable(handle));

  REQUIRE(bench.stop(started.id) == CHATBOT_OK);
  CHECK(chatbot_turn_is_cancelled(turn.get()) == 1);
  CHECK(isReadable(handle, kSoonMs));
  CHECK(calls.reaches(&Calls::notified, 1));
  CHECK(calls.reaches(&Calls::destroyed, 1));
  CHECK(append(turn, "Too late") == CHATBOT_CANCELLED);
  CHECK(finish(turn) == CHATBOT_CANCELLED);
}

TEST_CASE("a cancel that came before is there to be asked for") {
  const Bench bench;
  const Started started = bench.start();
  Turn turn = bench.take();
  REQUIRE(bench.stop(started.id) == CHATBOT_OK);
  Calls calls;
  REQUIRE(onCancel(turn, calls) == CHATBOT_OK);
  CHECK(chatbot_turn_is_cancelled(turn.get()) == 1);
  turn.reset();
  CHECK(calls.get(&Calls::notified) == 0);
  CHECK(calls.get(&Calls::destroyed) == 1);
}

TEST_CASE("a callback's user data is given back once, whatever becomes of the turn") {
  const Bench bench;
  Calls replaced;
  Calls takenBack;
  Calls finished;
  Calls refused;
  bench.start();
  Turn turn = bench.take();
  REQUIRE(onCancel(turn, replaced) == CHATBOT_OK);
  REQUIRE(onCancel(turn, takenBack) == CHATBOT_OK);
  CHECK(replaced.get(&Calls::destroyed) == 1);
  REQUIRE(chatbot_turn_on_cancel(turn.get(), nullptr, nullptr, nullptr) == CHATBOT_OK);
  CHECK(takenBack.get(&Calls::destroyed) == 1);
  REQUIRE(onCancel(turn, finished) == CHATBOT_OK);
  REQUIRE(finish(turn) == CHATBOT_OK);
  turn.reset();
  CHECK(finished.get(&Calls::destroyed) == 1);
  CHECK(chatbot_turn_on_cancel(nullptr, Calls::notify, &refused, Calls::destroy) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(refused.get(&Calls::destroyed) == 1);
  for (Calls* calls : {&replaced, &takenBack, &finished, &refused}) {
    CHECK(calls->get(&Calls::notified) == 0);
    CHECK(calls->get(&Calls::destroyed) == 1);
  }
}

// Starts a stop whose callback is being held, does `act` meanwhile, and lets the callback go.
template <typename Act>
void whileCalledBack(Act act) {
  const Bench bench;
  const Started started = bench.start();
  Turn turn = bench.take();
  Gate gate;
  REQUIRE(chatbot_turn_on_cancel(turn.get(), Gate::hold, &gate, nullptr) == CHATBOT_OK);
  std::thread stopper([&] { bench.stop(started.id); });
  gate.awaitEntered();
  std::thread opener([&] { gate.letGo(); });
  act(turn);
  CHECK(gate.hasLeft());
  opener.join();
  stopper.join();
}

TEST_CASE("a callback that was taken back does not run any more") {
  whileCalledBack([](Turn& turn) {
    CHECK(chatbot_turn_on_cancel(turn.get(), nullptr, nullptr, nullptr) == CHATBOT_OK);
  });
}

TEST_CASE("a callback of a turn that was freed does not run any more") {
  whileCalledBack([](Turn& turn) { turn.reset(); });
}

}  // namespace
