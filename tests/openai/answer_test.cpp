#include "openai/answer.h"

#include <doctest/doctest.h>

#include "support/model_server.h"

using namespace chatbot;
using namespace chatbot::openai;
using namespace chatbot::test;

namespace {

Answer events(std::size_t text = 1000, std::size_t reasoning = 100) {
  return {Answer::Form::events, {.text = text, .reasoning = reasoning}};
}

std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string delta(const std::string& members) {
  return event(R"({"choices":[{"delta":{)" + members + "}}]}");
}

std::string messageOf(const ItemContent& item) { return std::get<Log>(item).message; }

}  // namespace

TEST_CASE("texts are given as they come, and joined where they come together") {
  Answer answer = events();
  CHECK_FALSE(answer.hasText());
  CHECK(answer.add(event(textChunk("Hel")) + event(textChunk("lo"))) == "Hello");
  CHECK(answer.add(": keepalive\n\n").empty());
  CHECK(answer.hasText());
  CHECK_FALSE(answer.isWhole());
  CHECK(answer.add(event(kStopChunk)).empty());
  CHECK(answer.isWhole());
  CHECK_FALSE(answer.isDone());
  CHECK(answer.add(event(kUsageChunk) + event("[DONE]") + event(textChunk("late"))).empty());
  CHECK(answer.isDone());
  CHECK(answer.usage()->input == 11);
  CHECK(answer.usage()->output == 7);
  CHECK(answer.fault() == Answer::Fault::none);
  CHECK(answer.takeLastLogs().empty());
}

TEST_CASE("a document is read at its end") {
  Answer answer(Answer::Form::document, {.text = 1000, .reasoning = 100});
  CHECK(answer.add(R"({"choices":[{"message":{"con)").empty());
  CHECK(answer.add(R"(tent":"all"},"finish_reason":"stop"}]})").empty());
  CHECK_FALSE(answer.isWhole());
  CHECK(answer.finish() == "all");
  CHECK(answer.isDone());
}

TEST_CASE("a document that is cut off or too large is a fault") {
  Answer cut(Answer::Form::document, {.text = 1000, .reasoning = 100});
  cut.add(R"({"choices":[)");
  CHECK(cut.finish().empty());
  CHECK(cut.fault() == Answer::Fault::garbled);
  CHECK_FALSE(cut.isWhole());

  Answer large(Answer::Form::document, {.text = 1, .reasoning = 100});
  large.add(std::string(4'000'000, ' '));
  CHECK(large.fault() == Answer::Fault::none);
  large.add(std::string(1'000'000, ' '));
  CHECK(large.fault() == Answer::Fault::tooLarge);
}

TEST_CASE("an error in the stream keeps the server's words") {
  Answer answer = events();
  CHECK(answer.add(event(textChunk("Hel")) + event(R"({"error":{"message":"no memory"}})") +
                   event(textChunk("lo"))) == "Hel");
  CHECK(answer.fault() == Answer::Fault::reported);
  CHECK(answer.serverWords() == "no memory");
}

TEST_CASE("an event that is no JSON is a fault") {
  Answer answer = events();
  CHECK(answer.add(event("{\"choices\":")).empty());
  CHECK(answer.fault() == Answer::Fault::garbled);
}

TEST_CASE("an answer is bounded") {
  Answer answer = events(5);
  CHECK(answer.add(event(textChunk("12345"))) == "12345");
  CHECK(answer.add(event(textChunk("6"))).empty());
  CHECK(answer.fault() == Answer::Fault::tooLarge);

  Answer line = events(1);
  line.add(std::string(1'000'000, 'x'));
  CHECK(line.fault() == Answer::Fault::none);
  line.add(std::string(100'000, 'x'));
  CHECK(line.fault() == Answer::Fault::tooLarge);
}

TEST_CASE("reasoning is due as a log when the text begins, tool calls at the end") {
  Answer answer = events();
  CHECK(answer.add(delta(R"("reasoning_content":"Let me ")") + delta(R"("reasoning":"see")"))
            .empty());
  CHECK_FALSE(answer.hasText());
  CHECK_FALSE(answer.hasLogs());
  CHECK(answer.hasOpenLogs());
  CHECK(answer.add(event(textChunk("Yes"))) == "Yes");
  CHECK(answer.hasLogs());
  auto logs = answer.takeLogs();
  REQUIRE(logs.size() == 1);
  CHECK(messageOf(logs[0]) == "Reasoning: Let me see");
  answer.add(delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}])"));
  CHECK(answer.hasOpenLogs());
  logs = answer.takeLastLogs();
  REQUIRE(logs.size() == 1);
  CHECK(messageOf(logs[0]) == "Tool call: f({})");
  CHECK_FALSE(answer.hasOpenLogs());
}

TEST_CASE("a refusal is said in the answer's place, with a warning") {
  Answer answer = events();
  CHECK(answer.add(delta(R"("content":null,"refusal":"I can")") + delta(R"("refusal":"not")")) ==
        "I cannot");
  CHECK(answer.hasText());
  const auto logs = answer.takeLastLogs();
  REQUIRE(logs.size() == 1);
  CHECK(messageOf(logs[0]) == "The model has refused to answer");
  CHECK(std::get<Log>(logs[0]).type == "warning");
}

TEST_CASE("an answer that was cut by a limit says so") {
  for (const char* const reason : {"length", "content_filter"}) {
    Answer answer = events();
    answer.add(
        event(std::string(R"({"choices":[{"delta":{},"finish_reason":")") + reason + "\"}]}"));
    const auto logs = answer.takeLastLogs();
    REQUIRE(logs.size() == 1);
    CHECK(std::get<Log>(logs[0]).type == "warning");
  }
}

TEST_CASE("the end completes a last event, but not one that was cut off") {
  Answer answer = events();
  CHECK(answer.add("data: " + textChunk("Hi")).empty());
  CHECK(answer.finish() == "Hi");
  Answer done = events();
  done.add(event(textChunk("Hi")) + "data: [DONE]");
  CHECK(done.finish().empty());
  CHECK(done.isDone());
  Answer cut = events();
  cut.add(event(textChunk("Hi")) + "data: {\"cho");
  CHECK(cut.finish().empty());
  CHECK(cut.fault() == Answer::Fault::none);
  CHECK_FALSE(cut.isWhole());
}

TEST_CASE("a character whose halves come in two chunks is joined") {
  Answer answer = events();
  CHECK(answer.add(delta(R"("content":"a\ud83d")")) == "a");
  CHECK(answer.add(delta(R"("content":"\ude00b")")) ==
        "\xF0\x9F\x98\x80"
        "b");
  CHECK(answer.fault() == Answer::Fault::none);
}

TEST_CASE("a reported error has a status where the server gives one") {
  Answer answer = events();
  answer.add(event(R"({"error":{"message":"busy","code":503}})"));
  CHECK(answer.fault() == Answer::Fault::reported);
  CHECK(answer.errorStatus() == 503);
}
