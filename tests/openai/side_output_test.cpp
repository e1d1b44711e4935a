#include "openai/side_output.h"

#include <doctest/doctest.h>

#include <array>

using namespace chatbot;
using namespace chatbot::openai;

namespace {

using Texts = std::vector<std::string>;

Texts textsOf(const std::vector<ItemContent>& logs) {
  Texts texts;
  for (const ItemContent& log : logs) texts.push_back(std::get<Log>(log).message);
  return texts;
}

ToolCallPart part(std::optional<std::size_t> index, std::string id, std::string name,
                  std::string arguments) {
  return {.index = index,
          .id = std::move(id),
          .name = std::move(name),
          .arguments = std::move(arguments)};
}

// What becomes of parts that come one after the other.
Texts callsOf(const std::vector<ToolCallPart>& parts, std::size_t maxBytes = 1000) {
  SideOutput output(maxBytes);
  for (const ToolCallPart& one : parts) output.addToolCalls(std::array{one});
  return textsOf(output.takeRest());
}

}  // namespace

TEST_CASE("reasoning is one log until there is much of it") {
  SideOutput output(100'000);
  output.addReasoning("Let me ");
  output.addReasoning("see");
  CHECK_FALSE(output.areDue());
  CHECK(output.areOpen());
  CHECK(textsOf(output.take()) == Texts{"Reasoning: Let me see"});
  CHECK_FALSE(output.areOpen());
  CHECK(output.take().empty());
}

TEST_CASE("portions of reasoning end where a word ends, or a whole character") {
  SideOutput output(100'000);
  output.addReasoning(std::string(1500, 'a') + ' ' + std::string(1000, 'b'));
  CHECK(output.areDue());
  CHECK(textsOf(output.take()) == Texts{"Reasoning: " + std::string(1500, 'a') + ' ',
                                        "Reasoning: " + std::string(1000, 'b')});
  std::string umlauts = "x";
  for (int i = 0; i < 1500; ++i) umlauts += "\xC3\xBC";
  output.addReasoning(umlauts);
  CHECK(textsOf(output.take()) ==
        Texts{"Reasoning: " + umlauts.substr(0, 2047), "Reasoning: " + umlauts.substr(2047)});
}

TEST_CASE("a portion that is complete leaves what follows it open") {
  SideOutput output(100'000);
  output.addReasoning(std::string(2048, 'a'));
  output.addReasoning("and on");
  CHECK(textsOf(output.takeComplete()) == Texts{"Reasoning: " + std::string(2048, 'a')});
  CHECK(output.areOpen());
  CHECK(textsOf(output.take()) == Texts{"Reasoning: and on"});
}

TEST_CASE("one index with a new id in each part is one call, until its arguments are whole") {
  CHECK(callsOf({part(0, "a", "f", "{\"x\""), part(0, "b", "", ":1"), part(0, "c", "f", "}")}) ==
        Texts{"Tool call: f({\"x\":1})"});
  CHECK(callsOf({part(0, "a", "f", "{}"), part(0, "b", "f", "{}")}) ==
        Texts{"Tool call: f({})", "Tool call: f({})"});
}

TEST_CASE("what is blank is no log") {
  SideOutput output(1000);
  output.addReasoning(" \n");
  output.textFollows();
  CHECK(output.take().empty());
}

TEST_CASE("reasoning that is too long is cut in whole characters, and a log says so once") {
  SideOutput output(5);
  output.addReasoning("1234ü");
  output.addReasoning("56");
  CHECK(textsOf(output.take()) ==
        Texts{"Reasoning: 1234", "The model's further reasoning is too long to be kept"});
  output.addReasoning("7");
  CHECK(output.takeRest().empty());
}

TEST_CASE("the parts of a call are joined by its index, its id, or as they follow") {
  CHECK(callsOf(
            {part(1, "", "second", ""), part(0, "", "first", "{\"a\""), part(0, "", "", ":1}")}) ==
        Texts{"Tool call: second()", "Tool call: first({\"a\":1})"});
  CHECK(callsOf({part({}, "a", "f", "{\"a\""), part({}, "b", "g", "{"), part({}, "a", "", ":1}"),
                 part({}, "b", "", "}")}) == Texts{"Tool call: f({\"a\":1})", "Tool call: g({})"});
  CHECK(callsOf({part({}, "a", "f", "{\"a\""), part({}, "", "", ":1}")}) ==
        Texts{"Tool call: f({\"a\":1})"});
}

TEST_CASE("another id begins another call, whatever its index") {
  CHECK(callsOf({part(0, "a", "f", "{}"), part(0, "b", "g", "{\"x\""), part(0, "", "", ":1}")}) ==
        Texts{"Tool call: f({})", "Tool call: g({\"x\":1})"});
  CHECK(callsOf({part({}, "a", "f", "{}"), part({}, "b", "f", "{}")}) ==
        Texts{"Tool call: f({})", "Tool call: f({})"});
}

TEST_CASE("a name that is said again is not joined") {
  CHECK(callsOf({part(0, "a", "weather", "{\"a\""), part(0, "a", "weather", ":1}")}) ==
        Texts{"Tool call: weather({\"a\":1})"});
  CHECK(callsOf({part({}, "", "weather", "{\"a\""), part({}, "", "weather", ":1}")}) ==
        Texts{"Tool call: weather({\"a\":1})"});
  CHECK(callsOf({part({}, "", "f", "{}"), part({}, "", "f", "{}")}) ==
        Texts{"Tool call: f({})", "Tool call: f({})"});
}

TEST_CASE("a call that is taken before its end goes on in another log") {
  SideOutput output(1000);
  output.addToolCalls(std::array{part(0, "a", "f", "{\"a\"")});
  CHECK(textsOf(output.take()) == Texts{"Tool call: f({\"a\"…"});
  CHECK(output.take().empty());
  output.addToolCalls(std::array{part(0, "a", "", ":1}")});
  CHECK(textsOf(output.take()) == Texts{"Tool call, going on: f(…:1})"});
  CHECK(output.takeRest().empty());
}

TEST_CASE("a call that breaks off shows that it does") {
  CHECK(callsOf({part(0, "a", "f", "{\"a\"")}) == Texts{"Tool call: f({\"a\"…"});
}

TEST_CASE("tool calls are bounded in bytes and number, and logs say so") {
  CHECK(callsOf({part(0, "", "abc", "{\"x\":1}")}, 5) ==
        Texts{"Tool call: abc({\"… (too long to be kept whole)"});
  std::vector<ToolCallPart> many;
  for (std::size_t i = 0; i < 5000; ++i) many.push_back(part(i, "", "f", "{}"));
  const Texts logs = callsOf(many, 100'000);
  CHECK(logs.size() == 101);
  CHECK(logs.back() == "Further tool calls are too many to be kept");
}
