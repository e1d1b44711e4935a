#include <thread>

#include "calls.h"

namespace {

using namespace capi_test;

chatbot_status onCancel(const Turn& turn, Calls& calls) {
  return chatbot_turn_on_cancel(turn.get(), Calls::notify, &calls, Calls::destroy);
}

chatbot_status appendItems(const Turn& turn, const Json& items) {
  const std::string written = items.dump();
  return chatbot_turn_append(turn.get(), written.data(), written.size(), nullptr);
}

chatbot_status rename(const Turn& turn, std::string_view name) {
  return chatbot_turn_rename(turn.get(), name.data(), name.size(), nullptr);
}

Json detail(const Bench& bench, const std::string& id) {
  Bytes bytes;
  REQUIRE(chatbot_detail(bench.engine.get(), bench.caller.get(), id.data(), id.size(), Out(bytes),
                         nullptr) == CHATBOT_OK);
  return json(bytes);
}

chatbot_status erase(const Bench& bench, const std::string& id) {
  return chatbot_delete(bench.engine.get(), bench.caller.get(), id.data(), id.size(), nullptr);
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
  REQUIRE(chatbot_start(bench.engine.get(), bench.caller.get(), body.data(), body.size(), nullptr,
                        0, 0, nullptr, nullptr, nullptr) == CHATBOT_OK);
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
  REQUIRE(input["documents"].size() == 2);
  CHECK(input["documents"][0]["fileId"] == "f1");
  CHECK(input["documents"][1]["fileId"] == "f2");
  CHECK(input["documents"][0]["messageId"] == input["messageId"]);
  CHECK(input["documents"][0]["roundNumber"] == 2);
  const Json items = detail(bench, started.id)["chatData"]["items"];
  CHECK(items.back()["item"]["documents"] == input["documents"]);
  REQUIRE(input["history"].size() == 2);
  CHECK(input["history"][1]["item"]["role"] == "assistant");
  CHECK(input["history"][1]["item"]["roundNumber"] == 1);
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

TEST_CASE("a message with documents, a log and a stat go in together, with all their fields") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  const Json document = {{"id", "d1"},
                         {"fileId", "f1"},
                         {"fileName", "tea.pdf"},
                         {"fileSize", 900},
                         {"mimeType", "text/pdf"}};
  const Json message = {{"id", "m1"},       {"parentMessageId", "p"}, {"role", "tool"},
                        {"message", "Tea"}, {"summary", "t"},         {"status", "last"},
                        {"success", false}, {"documents", {document}}};
  const Json log = {{"message", "Poured"}, {"type", "success"}, {"progress", 1.0}};
  const Json stat = {{"processingTime", 1.5}, {"bytesSent", 1}, {"bytesReceived", 2},
                     {"errorCount", 3},       {"process", "p"}, {"engine", "e"},
                     {"tokensIn", 4},         {"tokensOut", 5}, {"priceUsd", 0.25}};
  CHECK(appendItems(turn, Json::array({{{"type", "message"}, {"item", message}},
                                       {{"type", "log"}, {"item", log}},
                                       {{"type", "stat"}, {"item", stat}}})) == CHATBOT_OK);
  const Json items = detail(bench, started.id)["chatData"]["items"];
  REQUIRE(items.size() == 4);
  Json shown = items[1]["item"];
  CHECK(shown["documents"][0]["messageId"] == "m1");
  for (const auto& [name, value] : document.items()) CHECK(shown["documents"][0][name] == value);
  shown["documents"] = message["documents"];
  for (const auto& [name, value] : message.items()) CHECK(shown[name] == value);
  for (const auto& [name, value] : log.items()) CHECK(items[2]["item"][name] == value);
  for (const auto& [name, value] : stat.items()) CHECK(items[3]["item"][name] == value);
  CHECK(items[1]["createdAt"] == items[3]["createdAt"]);
}

TEST_CASE("of a list with one bad item, nothing is appended, and the item is named") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  const std::string items =
      R"([{"type": "log", "item": {"message": "Good"}},
          {"type": "message", "item": {"documents": [{"fileSize": "big"}]}}])";
  Error error;
  CHECK(chatbot_turn_append(turn.get(), items.data(), items.size(), Out(error)) ==
        CHATBOT_INVALID_ARGUMENT);
  CHECK(chatbot_error_message(error.get()) ==
        std::string("[1].item.documents[0].fileSize must be an integer"));
  CHECK(detail(bench, started.id)["chatData"]["items"].size() == 1);
}

TEST_CASE("a running turn renames its workflow") {
  const Bench bench;
  const Started started = bench.start();
  const Turn turn = bench.take();
  CHECK(rename(turn, "Tea") == CHATBOT_OK);
  CHECK(rename(turn, " ") == CHATBOT_INVALID_ARGUMENT);
  CHECK(rename(turn, "") == CHATBOT_INVALID_ARGUMENT);
  CHECK(detail(bench, started.id)["workflow"]["name"] == "Tea");
}

TEST_CASE("after its end, however that came, every call on a turn has an answer") {
  struct Ending {
    const char* name;
    chatbot_status (*end)(const Bench&, const Turn&, const std::string& id);
    chatbot_status finish = CHATBOT_CANCELLED;
  };
  const Ending endings[] = {
      {"finished", [](const Bench&, const Turn& turn, const std::string&) { return finish(turn); },
       CHATBOT_MISUSE},
      {"stopped",
       [](const Bench& bench, const Turn&, const std::string& id) { return bench.stop(id); }},
      {"deleted",
       [](const Bench& bench, const Turn&, const std::string& id) { return erase(bench, id); }},
      {"shut down", [](const Bench& bench, const Turn&, const std::string&) {
         return chatbot_engine_shutdown(bench.engine.get());
       }}};
  for (const Ending& ending : endings) {
    CAPTURE(ending.name);
    const Bench bench;
    const Started started = bench.start();
    const Turn turn = bench.take();
    REQUIRE(ending.end(bench, turn, started.id) == CHATBOT_OK);
    CHECK(append(turn, "Too late") == CHATBOT_CANCELLED);
    CHECK(chatbot_turn_delta(turn.get(), "x", 1, nullptr) == CHATBOT_CANCELLED);
    CHECK(rename(turn, "Too late") == CHATBOT_CANCELLED);
    CHECK(finish(turn) == ending.finish);
    CHECK(finish(turn) == CHATBOT_MISUSE);
    CHECK(appendItems(turn, Json::array()) == CHATBOT_INVALID_ARGUMENT);
    CHECK(rename(turn, " ") == CHATBOT_INVALID_ARGUMENT);
    CHECK(chatbot_turn_is_cancelled(turn.get()) == (ending.finish == CHATBOT_MISUSE ? 0 : 1));
    Bytes input;
    CHECK(chatbot_turn_input(turn.get(), Out(input), nullptr) == CHATBOT_OK);
    CHECK(json(input)["prompt"] == "Hello");
    intptr_t handle = 0;
    CHECK(chatbot_turn_cancel_pollable(turn.get(), &handle, nullptr) == CHATBOT_OK);
    CHECK(isReadable(handle) == (chatbot_turn_is_cancelled(turn.get()) == 1));
    CHECK(chatbot_turn_on_cancel(turn.get(), nullptr, nullptr, nullptr) == CHATBOT_OK);
  }
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
