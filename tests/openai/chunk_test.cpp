#include "openai/chunk.h"

#include <doctest/doctest.h>

using namespace chatbot;
using namespace chatbot::openai;

namespace {

Chunk parsed(std::string_view json) { return parseChunk(json).value(); }

}  // namespace

TEST_CASE("text comes from the first choice's delta") {
  const Chunk chunk = parsed(R"({"choices":[{"delta":{"role":"assistant","content":"Grüße"},
      "finish_reason":null},{"delta":{"content":"other"}}]})");
  CHECK(chunk.text == "Grüße");
  CHECK(chunk.finishReason.empty());
  CHECK(chunk.usage.input == 0);
  CHECK_FALSE(chunk.error);
}

TEST_CASE("of several choices only the first is the answer") {
  CHECK(parsed(R"({"choices":[{"index":1,"delta":{"content":"one"}},
      {"index":0,"delta":{"content":"zero"}}]})")
            .text == "zero");
  constexpr const char* kOther =
      R"({"choices":[{"index":1,"delta":{"content":"one"},"finish_reason":"stop"}]})";
  const Chunk first = parsed(kOther);
  CHECK(first.choice == 1);
  CHECK(first.text == "one");
  const Chunk other = parseChunk(kOther, 0).value();
  CHECK_FALSE(other.choice);
  CHECK(other.text.empty());
  CHECK(other.finishReason.empty());
}

TEST_CASE("an answer that is no stream has its text in a message") {
  const Chunk chunk = parsed(
      R"({"choices":[{"message":{"content":"all"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}})");
  CHECK(chunk.text == "all");
  CHECK(chunk.finishReason == "stop");
  CHECK(chunk.usage.input == 3);
  CHECK(chunk.usage.output == 4);
}

TEST_CASE("all choices of one index are parts of the answer") {
  CHECK(parsed(R"({"choices":[{"index":0,"delta":{"content":"a"}},
      {"index":0,"delta":{"content":"b"}}]})")
            .text == "ab");
}

TEST_CASE("content may be a text, a list of parts, or one part") {
  const auto contentOf = [](const std::string& content) {
    return parsed(R"({"choices":[{"delta":{"content":)" + content + "}}]}");
  };
  CHECK(contentOf(R"([{"type":"text","text":"a"},7,"b",{"text":"c"}])").text == "abc");
  CHECK(contentOf(R"({"type":"text","text":"a"})").text == "a");
  CHECK(contentOf(R"([{"type":"text","text":{"value":"a"}}])").text == "a");
  const Chunk mixed = contentOf(
      R"([{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}])");
  CHECK(mixed.text == "a");
  CHECK(mixed.reasoning == "hm");
  const Chunk refusal = contentOf(R"([{"type":"refusal","refusal":"No"}])");
  CHECK(refusal.text == "No");
  CHECK(refusal.refuses);
}

TEST_CASE("a plain completion has its text in the choice") {
  CHECK(parsed(R"({"choices":[{"index":0,"text":"a"}]})").text == "a");
  CHECK(parsed(R"({"choices":[{"index":0,"delta":{"content":"a"},"text":"a"}]})").text == "a");
  CHECK(parsed(R"({"choices":[{"index":0,"delta":{},"message":{"content":"a"}}]})").isMessage);
}

TEST_CASE("reasoning has several names") {
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning_details":[{"text":"a"},7,{"summary":"b"}]}}]})")
            .reasoning == "ab");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning":"a","reasoning_details":[{"text":"a"}]}}]})")
            .reasoning == "a");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})").reasoning == "hm");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning":"hm"}}]})").reasoning == "hm");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning_text":"hm"}}]})").reasoning == "hm");
  CHECK(parsed(R"({"choices":[{"delta":{"thinking":"hm"}}]})").reasoning == "hm");
  CHECK(
      parsed(R"({"choices":[{"delta":{"thinking_blocks":[{"type":"thinking","thinking":"hm"}]}}]})")
          .reasoning == "hm");
  CHECK(
      parsed(R"({"choices":[{"delta":{"reasoning":"hm","reasoning_content":"hm"}}]})").reasoning ==
      "hm");
}

TEST_CASE("tool calls come in parts") {
  const Chunk chunk = parsed(R"({"choices":[{"delta":{"tool_calls":[
      {"index":2,"id":"c1","function":{"name":"find","arguments":"{\"a\""}},
      {"function":{"arguments":":1}"}},
      "no call",{"id":"c2"},{"index":-1}]}}]})");
  REQUIRE(chunk.toolCalls.size() == 4);
  CHECK(chunk.toolCalls[0].index == 2);
  CHECK(chunk.toolCalls[0].id == "c1");
  CHECK(chunk.toolCalls[0].name == "find");
  CHECK(chunk.toolCalls[0].arguments == "{\"a\"");
  CHECK(chunk.toolCalls[1].index == 1);
  CHECK_FALSE(chunk.toolCalls[2].index);
  CHECK(chunk.toolCalls[3].index == 0);
  CHECK_FALSE(parsed(R"({"choices":[{"delta":{"tool_calls":[{"function":{}}]}}]})")
                  .toolCalls.front()
                  .index);
}

TEST_CASE("arguments may be an object") {
  CHECK(parsed(R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":1}}}]}}]})")
            .toolCalls.front()
            .arguments == R"({"a":1})");
}

TEST_CASE("usage stands beside the choices, in a choice or in x_groq, under two names") {
  for (const char* const usage :
       {R"({"usage":{"prompt_tokens":3,"completion_tokens":4}})",
        R"({"usage":{"input_tokens":3,"output_tokens":4}})",
        R"({"choices":[{"delta":{},"usage":{"prompt_tokens":3,"completion_tokens":4}}]})",
        R"({"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4}}})"}) {
    CAPTURE(usage);
    CHECK(parsed(usage).usage.input == 3);
    CHECK(parsed(usage).usage.output == 4);
  }
}

TEST_CASE("an error stands beside the choices or in a choice, and what it says beside it counts") {
  CHECK(parsed(R"({"choices":[{"delta":{"content":"a"},"error":{"code":502}}]})").error->status ==
        502);
  const Chunk both = parsed(R"({"error":{"code":1},"choices":[{"delta":{"content":"a"}}]})");
  CHECK(both.error);
  CHECK(both.text == "a");
  CHECK_FALSE(parsed(R"({"error":null,"choices":[]})").error);
  CHECK(parsed(R"({"detail":"no","code":"404"})").remark.status == 404);
}

TEST_CASE("the members that are read are known, all others are dropped") {
  for (const char* const known : {"choices", "content", "delta", "arguments", "x_groq"}) {
    CHECK(useOfMember(known) != MemberUse::drop);
  }
  for (const char* const unknown : {"", "a", "logprobs", "content_", "zzz"}) {
    CHECK(useOfMember(unknown) == MemberUse::drop);
  }
  CHECK(useOfMember("images") == MemberUse::miss);
}

TEST_CASE("a call of a function, as it was before tools, is a tool call") {
  const Chunk chunk =
      parsed(R"({"choices":[{"delta":{"function_call":{"name":"old","arguments":"{}"}}}]})");
  REQUIRE(chunk.toolCalls.size() == 1);
  CHECK(chunk.toolCalls[0].name == "old");
  CHECK(chunk.toolCalls[0].arguments == "{}");
}

TEST_CASE("a refusal is text") {
  const Chunk chunk = parsed(R"({"choices":[{"delta":{"content":null,"refusal":"No"}}]})");
  CHECK(chunk.text == "No");
  CHECK(chunk.refuses);
  CHECK_FALSE(parsed(R"({"choices":[{"delta":{"content":"Yes","refusal":null}}]})").refuses);
}

TEST_CASE("members of another type than expected count as absent") {
  for (const char* const odd :
       {"{}", R"({"choices":7})", R"({"choices":[7]})", R"({"choices":[{"delta":[]}]})",
        R"({"choices":[{"delta":{"content":7,"reasoning":{},"tool_calls":{}},"finish_reason":1}]})",
        R"({"usage":[]})"}) {
    CAPTURE(odd);
    const Chunk chunk = parsed(odd);
    CHECK(chunk.text.empty());
    CHECK(chunk.reasoning.empty());
    CHECK(chunk.toolCalls.empty());
    CHECK(chunk.finishReason.empty());
  }
  const Chunk odd = parsed(R"({"usage":{"prompt_tokens":-4,"completion_tokens":1e300}})");
  CHECK(odd.usage.input == 0);
  CHECK(odd.usage.output == 1'000'000'000'000'000);
}

TEST_CASE("what is no JSON object is no chunk") {
  for (const char* const bad : {"", "{", "[]", "7", "null", "data", "{\"a\":1} x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseChunk(bad));
  }
}

TEST_CASE("bytes that are not UTF-8 are replaced") {
  CHECK(parsed("{\"choices\":[{\"delta\":{\"content\":\"a\xC3\"}}]}").text == "a\xEF\xBF\xBD");
}
