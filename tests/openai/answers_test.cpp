// What model servers send, and what becomes of it: the cases of answers.json.
#include <fstream>

#include "openai/answer_outcome.h"
#include "openai/openai_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

std::string decodedBase64(const std::string& text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char digit : text.substr(0, text.find('='))) {
    bits = (bits << 6) | static_cast<unsigned>(kDigits.find(digit));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xFF);
  }
  return bytes;
}

// A body is a text, or a list of texts and of [text, count].
std::string bodyOf(const Json& body) {
  if (body.is_string()) return body;
  std::string text;
  for (const Json& part : body) {
    if (part.is_string()) text += part.get<std::string>();
    for (int i = 0; part.is_array() && i < part[1].get<int>(); ++i) {
      text += part[0].get<std::string>();
    }
  }
  return text;
}

std::string contentOf(const Json& one) {
  if (one.contains("base64")) return decodedBase64(one["base64"]);
  if (one.contains("body")) return bodyOf(one["body"]);
  std::string text;
  for (const Json& event : one["events"]) text += "data: " + event.get<std::string>() + "\n\n";
  return text;
}

Reply replyOf(const Json& one) {
  std::string head = "HTTP/1.1 " + std::to_string(one.value("status", 200)) + " Status\r\n";
  const std::string type =
      one.value("type", one.contains("events") ? "text/event-stream" : "application/json");
  if (!type.empty()) head += "Content-Type: " + type + "\r\n";
  const Json headers = one.value("headers", Json::object());
  for (const auto& [name, value] : headers.items()) {
    head += name + ": " + value.get<std::string>() + "\r\n";
  }
  head += "Connection: close\r\n\r\n";
  const bool hangs = one.value("then", "") == "hang";
  return {.pieces = {head + contentOf(one)},
          .then = hangs ? Reply::Then::hang : Reply::Then::close};
}

// What a case says that becomes of it, as outcomeOf() does.
Json expectedOf(const Json& one) {
  Json expected = Json::object();
  for (const char* const name : {"text", "failure", "warnings", "reasoning", "calls", "usage"}) {
    if (one.contains(name) && one[name] != nullptr) expected[name] = one[name];
  }
  return expected;
}

void check(const Json& one) {
  CAPTURE(one["name"].get<std::string>());
  OpenAiFixture fixture({replyOf(one)});
  fixture.options.maxRetries = 1;
  fixture.options.key.clear();
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  fixture.ended(id, 200ms);
  CHECK(outcomeOf(fixture.engine->detail(fixture.caller, id).items) == expectedOf(one));
  CHECK(fixture.server.requests().size() == one.value("requests", 1));
}

}  // namespace

TEST_CASE("each answer becomes what the list says") {
  const Json cases = Json::parse(std::ifstream(CHATBOT_ANSWERS));
  REQUIRE(cases.size() > 100);
  for (const Json& one : cases) check(one);
}
