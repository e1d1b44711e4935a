#include "openai/answer.h"

#include <doctest/doctest.h>

#include "support/model_server.h"

using namespace chatbot;
using namespace chatbot::openai;
using namespace chatbot::test;

namespace {

Answer events(std::size_t text = 1000, std::size_t reasoning = 100) {
  return Answer({.text = text, .reasoning = reasoning});
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
  CHECK(answer.usage().input == 11);
  CHECK(answer.usage().output == 7);
  CHECK(answer.fault() == Answer::Fault::none);
  CHECK(answer.takeLastLogs().empty());
}

TEST_CASE("a document is read when it is complete") {
  Answer answer = events();
  CHECK(answer.add("\xEF\xBB\xBF \n{\"choices\":[{\"message\":{\"con").empty());
  CHECK_FALSE(answer.isWhole());
  CHECK(answer.add(R"(tent":"all"}}]})") == "all");
  CHECK(answer.isFinished());
  CHECK(answer.finish().empty());
  CHECK(answer.isWhole());
}

TEST_CASE("a document that is cut off or too large is a fault") {
  Answer cut = events();
  cut.add(R"({"choices":[)");
  CHECK(cut.finish().empty());
  CHECK(cut.fault() == Answer::Fault::garbled);
  CHECK_FALSE(cut.isWhole());

  Answer large = events(1);
  large.add(R"({"choices":[{"message":{"content":")");
  large.add(std::string(4'000'000, 'x'));
  CHECK(large.fault() == Answer::Fault::none);
  large.add(std::string(1'000'000, 'x'));
  CHECK(large.fault() == Answer::Fault::tooLarge);
}

TEST_CASE("an error in the stream keeps the text before it, and that beside it") {
  Answer answer = events();
  CHECK(answer.add(event(textChunk("Hel")) + event(R"({"error":{"code":"no_memory"}})") +
                   event(textChunk("lo"))) == "Hel");
  CHECK(answer.fault() == Answer::Fault::reported);
  CHECK(answer.error().code == "no_memory");
  Answer both = events();
  CHECK(both.add(event(R"({"choices":[{"delta":{"content":"Hi"}}],"error":{"code":503}})")) ==
        "Hi");
  CHECK(both.error().status == 503);
}

TEST_CASE("an answer without a choice is a fault, with what the server says") {
  const auto faultOf = [](std::string_view body) {
    Answer answer = events();
    answer.add(body);
    answer.finish();
    CHECK_FALSE(answer.isWhole());
    return answer.fault();
  };
  CHECK(faultOf("{}") == Answer::Fault::noChoice);
  CHECK(faultOf(R"({"choices":[]})") == Answer::Fault::noChoice);
  CHECK(faultOf(event("[DONE]")) == Answer::Fault::noChoice);
  CHECK(faultOf(event("{}") + event("[DONE]")) == Answer::Fault::noChoice);
  CHECK(faultOf(event(R"({"detail":"no"})")) == Answer::Fault::noChoice);
  CHECK(faultOf(R"({"code":500,"success":false})") == Answer::Fault::reported);
  CHECK(faultOf("error: {\"code\":400}\n\n" + event("[DONE]")) == Answer::Fault::reported);
  CHECK(faultOf("event: error\ndata: oops\n\n") == Answer::Fault::reported);
  CHECK(faultOf("<html>Please log in</html>") == Answer::Fault::foreign);
  CHECK(faultOf(": ping\n\n") == Answer::Fault::none);
}

TEST_CASE("documents may follow each other, and events may follow them") {
  Answer lines = events();
  CHECK(lines.add(textChunk("Hel") + "\n" + textChunk("lo") + "\n" + kStopChunk + "\n") == "Hello");
  CHECK(lines.isWhole());
  Answer both = events();
  CHECK(both.add(R"({"choices":[{"message":{"content":"all"}}]})"
                 "\n\ndata: [DONE]\n\n") == "all");
  CHECK(both.isDone());
}

TEST_CASE("the whole message after its pieces is not said again") {
  Answer answer = events();
  CHECK(
      answer.add(event(textChunk("all")) +
                 event(R"({"choices":[{"message":{"content":"all"},"finish_reason":"stop"}]})")) ==
      "all");
  CHECK(answer.isWhole());
}

TEST_CASE("the first choice that comes is the answer") {
  Answer answer = events();
  CHECK(answer.add(event(R"({"choices":[{"index":1,"delta":{"content":"one"}}]})") +
                   event(R"({"choices":[{"index":0,"delta":{"content":"zero"}}]})") +
                   event(R"({"choices":[{"index":1,"delta":{"content":"!"}}]})")) == "one!");
}

TEST_CASE("usage that says nothing does not wipe what was there") {
  Answer answer = events();
  answer.add(event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}})") +
             event(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9}})") +
             event(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})") +
             event(R"({"choices":[],"usage":{}})"));
  CHECK(answer.usage().input == 3);
  CHECK(answer.usage().output == 9);
}

TEST_CASE("a server that goes on after its finish reason is not finished by another") {
  Answer answer = events();
  const std::string both =
      event(R"({"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})");
  answer.add(both);
  CHECK(answer.isFinished());
  answer.add(both);
  CHECK_FALSE(answer.isFinished());
  CHECK(answer.isWhole());
}

TEST_CASE("what is large and not understood is left out, with a warning") {
  Answer answer = events();
  const std::string picture(1'500'000, 'A');
  CHECK(answer.add(": " + std::string(2'000'000, 'x') + "\n\n").empty());
  CHECK(answer.add(delta(R"("content":"Look","images":[{"image_url":{"url":")" + picture +
                         R"("}}])")) == "Look");
  CHECK(answer.add(event(kStopChunk)).empty());
  CHECK(answer.isWhole());
  const auto logs = answer.takeLastLogs();
  REQUIRE(logs.size() == 1);
  CHECK(messageOf(logs[0]) == "A part of the answer that is no text was left out");
}

TEST_CASE("all that is sent counts, not only what is kept") {
  Answer answer = events(100'000);
  const std::string comment = ": " + std::string(1'000'000, 'x') + "\n";
  for (int i = 0; i < 10; ++i) answer.add(comment);
  CHECK(answer.fault() == Answer::Fault::none);
  answer.add(comment);
  CHECK(answer.fault() == Answer::Fault::tooLarge);
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

  Answer line = events(100'000);
  line.add("data: " + std::string(4'000'000, 'x'));
  CHECK(line.fault() == Answer::Fault::none);
  line.add(std::string(1'000'000, 'x'));
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
  for (const char* const reason : {"length", "content_filter", "weather"}) {
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
  CHECK(answer.error().status == 503);
}
