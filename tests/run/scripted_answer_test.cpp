#include "run/scripted_answer.h"

#include <doctest/doctest.h>

#include "chatbot/error.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace std::chrono_literals;

namespace {

TurnInput promptOf(std::string prompt) {
  TurnInput input;
  input.prompt = std::move(prompt);
  input.messageId = "the-prompt";
  return input;
}

const Message& messageOf(const Step& step) { return std::get<Message>(*step.item); }

std::string refusal(const std::string& prompt) {
  try {
    scriptAnswer(promptOf(prompt));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the echo's pieces together are the prompt, and its last message is the whole of it") {
  for (const std::string& prompt : std::vector<std::string>{
           "one", "a few words that make several pieces of some length, one after the other",
           "Grüße, 世界 世界 世界 世界 世界 世界 世界 世界!", "  spaces  at   both ends  ",
           "line\nand line\n"}) {
    const ScriptedAnswer answer = echoAnswer(promptOf(prompt));
    std::string whole;
    for (const Step& step : answer.steps) {
      if (!std::holds_alternative<Message>(*step.item)) continue;
      CHECK(messageOf(step).role == "assistant");
      CHECK(messageOf(step).parentMessageId == "the-prompt");
      if (messageOf(step).status == "step") whole += messageOf(step).message;
    }
    CHECK(whole == prompt);
    CHECK(messageOf(answer.steps.back()).status == "last");
    CHECK(messageOf(answer.steps.back()).message == prompt);
    CHECK_FALSE(answer.failure);
  }
}

TEST_CASE("a long prompt is echoed in a bounded number of pieces") {
  std::string prompt;
  for (int i = 0; i < 5000; ++i) prompt += "word ";
  CHECK(echoAnswer(promptOf(prompt)).steps.size() < 40);
}

TEST_CASE("a script does what its line says: logs, chunks, the last message") {
  const ScriptedAnswer answer =
      scriptAnswer(promptOf("#bench {\"chunks\": 3, \"chunkBytes\": 10, \"delayMs\": 5, "
                            "\"startDelayMs\": 70, \"logs\": 2}\n"
                            "the rest"));
  REQUIRE(answer.steps.size() == 6);
  CHECK(answer.steps[0].delay == 70ms);
  CHECK(std::get<Log>(*answer.steps[1].item).message == "step 2 of 2");
  std::string whole;
  for (std::size_t i = 2; i < 5; ++i) {
    CHECK(messageOf(answer.steps[i]).status == "step");
    CHECK(messageOf(answer.steps[i]).message.size() == 10);
    CHECK(answer.steps[i].delay == (i == 2 ? 0ms : 5ms));
    whole += messageOf(answer.steps[i]).message;
  }
  CHECK(messageOf(answer.steps[5]).status == "last");
  CHECK(messageOf(answer.steps[5]).message == whole);
  CHECK(answer.answerBytes == 30);
}

TEST_CASE("a script that fails has no last message") {
  const ScriptedAnswer answer =
      scriptAnswer(promptOf("#bench {\"chunks\": 2, \"logs\": 0, \"fail\": true}"));
  CHECK(answer.failure);
  REQUIRE(answer.steps.size() == 2);
  CHECK(messageOf(answer.steps.back()).status == "step");
}

TEST_CASE("without a line, and for what a line leaves out, there are defaults") {
  CHECK(scriptAnswer(promptOf("hello")).steps.size() == 22);
  CHECK(scriptAnswer(promptOf("#bench {}\nhello")).steps.size() == 22);
}

TEST_CASE("a line that does not fit is refused by name") {
  CHECK(refusal("#bench nonsense").find("JSON") != std::string::npos);
  CHECK(refusal("#bench [1]").find("JSON object") != std::string::npos);
  CHECK(refusal("#bench {\"chunks\": -1}").find("chunks") != std::string::npos);
  CHECK(refusal("#bench {\"chunkBytes\": 1e12}").find("chunkBytes") != std::string::npos);
  CHECK(refusal("#bench {\"delayMs\": \"5\"}").find("delayMs") != std::string::npos);
  CHECK(refusal("#bench {\"fail\": 1}").find("fail") != std::string::npos);
}
