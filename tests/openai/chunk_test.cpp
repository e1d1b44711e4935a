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
  CHECK_FALSE(chunk.usage);
  CHECK_FALSE(chunk.error);
}

TEST_CASE("of several choices only the first is the answer") {
  CHECK(parsed(R"({"choices":[{"index":1,"delta":{"content":"one"}},
      {"index":0,"delta":{"content":"zero"}}]})")
            .text == "zero");
  const Chunk other =
      parsed(R"({"choices":[{"index":1,"delta":{"content":"one"},"finish_reason":"stop"}]})");
  CHECK(other.text.empty());
  CHECK(other.finishReason.empty());
}

TEST_CASE("an answer that is no stream has its text in a message") {
  const Chunk chunk = parsed(
      R"({"choices":[{"message":{"content":"all"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}})");
  CHECK(chunk.text == "all");
  CHECK(chunk.finishReason == "stop");
  CHECK(chunk.usage->input == 3);
  CHECK(chunk.usage->output == 4);
}

TEST_CASE("a content may be a list of parts") {
  CHECK(parsed(R"({"choices":[{"delta":{"content":[{"type":"text","text":"a"},7,{"text":"b"}]}}]})")
            .text == "ab");
}

TEST_CASE("reasoning has several names") {
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning_details":[{"text":"a"},7,{"summary":"b"}]}}]})")
            .reasoning == "ab");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning":"a","reasoning_details":[{"text":"a"}]}}]})")
            .reasoning == "a");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})").reasoning == "hm");
  CHECK(parsed(R"({"choices":[{"delta":{"reasoning":"hm"}}]})").reasoning == "hm");
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

TEST_CASE("an error may be an object or a text") {
  CHECK(parsed(R"({"error":{"message":"too busy","code":503}})").error->words == "too busy");
  CHECK(parsed(R"({"error":{"message":"too busy","code":503}})").error->status == 503);
  CHECK(parsed(R"({"error":{"message":"too busy","code":"429"}})").error->status == 429);
  CHECK(parsed(R"({"error":{"code":"rate_limit_exceeded"}})").error->status == 0);
  CHECK(parsed(R"({"error":{"code":7}})").error->status == 0);
  CHECK(parsed(R"({"error":"too busy"})").error->words == "too busy");
  CHECK(parsed(R"({"error":{"code":503}})").error->words == R"({"code":503})");
  CHECK_FALSE(parsed(R"({"error":null,"choices":[]})").error);
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
  CHECK(odd.usage->input == 0);
  CHECK(odd.usage->output == 1'000'000'000'000'000);
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

TEST_CASE("the words of an error are found in the usual places") {
  CHECK(errorWords(R"({"error":{"message":"no such model"}})") == "no such model");
  CHECK(errorWords(R"({"message":"no such model"})") == "no such model");
  CHECK(errorWords(R"({"object":"error","detail":"no such model"})") == "no such model");
  CHECK(errorWords(R"({"other":1})") == R"({"other":1})");
  CHECK(errorWords("<html>Bad Gateway\xFF") == "<html>Bad Gateway\xEF\xBF\xBD");
  CHECK(errorWords("").empty());
}

TEST_CASE("a document with whole escapes stays as it is") {
  Surrogates surrogates;
  for (const char* const whole :
       {R"({"a":"b"})", R"("\ud83d\ude00")", R"("\\ud83d")", R"("\u00fc\n\"")", R"("\u12)", "\\"}) {
    CHECK(surrogates.joined(whole) == whole);
  }
}

TEST_CASE("halves are joined across texts, wherever they stand in them") {
  Surrogates surrogates;
  CHECK(surrogates.joined(R"({"c":"x\ud83d","token":"\uD83D"})") == R"({"c":"x","token":""})");
  CHECK(surrogates.joined(R"({"c":"between"})") == R"({"c":"between"})");
  CHECK(surrogates.joined(R"({"c":"\ude00y","token":"\uDE00"})") ==
        R"({"c":"\uD83D\ude00y","token":"\uD83D\uDE00"})");
  CHECK(surrogates.joined(R"("\ude00")") == R"("\ufffd")");
}

TEST_CASE("a half without the other is replaced") {
  Surrogates surrogates;
  CHECK(surrogates.joined(R"("\ude00")") == R"("\ufffd")");
  CHECK(surrogates.joined(R"("\ud83d x")") == R"("\ufffd x")");
  CHECK(surrogates.joined(R"("\ud83d\u0041")") == R"("\ufffd\u0041")");
}
