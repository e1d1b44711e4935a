#include <sys/resource.h>

#include <algorithm>

#include "chatbot/error.h"
#include "openai/openai_fixture.h"
#include "support/refusal.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

Reply hello() { return eventReply({textChunk("Hel"), textChunk("lo"), kStopChunk, kUsageChunk}); }

Reply hanging(std::vector<std::string> pieces) {
  return {.pieces = std::move(pieces), .then = Reply::Then::hang};
}

std::string reasoningEvent(const std::string& text) {
  return R"(data: {"choices":[{"delta":{"reasoning":")" + text + "\"}}]}\n\n";
}

// Each round needs two descriptors in a test that is client and server.
void raiseFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

TEST_CASE("a round is a log, the streamed answer and a stat") {
  OpenAiFixture fixture({hello()});
  fixture.options.prices = parsePrices(R"({"test-model": {"in": 1000, "out": 100000}})");
  const std::string id = fixture.start("Say hello");
  const auto items = fixture.ended(id);
  CHECK(fixture.status(id) == WorkflowStatus::completed);
  REQUIRE(items.size() == 4);
  CHECK(items[1]["item"]["message"] == "Asking the model test-model");
  const Json& answer = items[2]["item"];
  CHECK(answer["message"] == "Hello");
  CHECK(answer["role"] == "assistant");
  CHECK(answer["status"] == "last");
  CHECK(answer["parentMessageId"] == items[0]["item"]["id"]);
  const Json stat = statOf(items);
  CHECK(stat["tokensIn"] == 11);
  CHECK(stat["tokensOut"] == 7);
  CHECK(stat["priceUsd"].get<double>() == doctest::Approx(0.711));
  CHECK(stat["process"] == "openai");
  CHECK(stat["engine"] == "test-model");
  CHECK(stat["errorCount"] == 0);
  CHECK(stat["bytesSent"] == fixture.server.requests()[0].body.size());
  CHECK(stat["bytesReceived"] > 100);
}

TEST_CASE("a request goes to the completions with the key, and a further round tells the history") {
  OpenAiFixture fixture({hello()});
  fixture.options.baseUrl += '/';
  fixture.options.systemPrompt = "Be kind.";
  const std::string id = fixture.start("First");
  fixture.ended(id);
  fixture.start("Second", id);
  fixture.ended(id);
  REQUIRE(fixture.server.requests().size() == 2);
  const std::string head = fixture.server.requests()[1].head;
  CHECK(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(head.find("\r\nAuthorization: Bearer sk-secret-key\r\n") != std::string::npos);
  CHECK(head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(head.find("Expect:") == std::string::npos);
  Texts said;
  const Json request = fixture.requested(1);
  for (const Json& message : request["messages"]) said.push_back(message["content"]);
  CHECK(said == Texts{"Be kind.", "First", "Hello", "Second"});
}

TEST_CASE("text is streamed while the server still writes") {
  OpenAiFixture fixture({hanging({eventHead(), "data: " + textChunk("Hel") + "\n\n"})});
  UserInput input;
  input.prompt = "Say hello";
  const auto stream = fixture.open().start(fixture.caller, input, {.deltas = Deltas::shown}).stream;
  StreamEvent event = stream->next(10s);
  while (event.kind == StreamEvent::Kind::item) event = stream->next(10s);
  REQUIRE(event.kind == StreamEvent::Kind::delta);
  CHECK(event.delta.text == "Hel");
  fixture.server.goOn({"data: " + textChunk("lo") + "\n\n", "data: [DONE]\n\n"},
                      Reply::Then::close);
  event = stream->next(10s);
  REQUIRE(event.kind == StreamEvent::Kind::delta);
  CHECK(event.delta.text == "lo");
  while (event.kind != StreamEvent::Kind::end) event = stream->next(10s);
}

TEST_CASE("documents reach the model, and those that cannot are warnings") {
  OpenAiFixture fixture({hello()});
  fixture.options.loadDocument =
      [](const DocumentRequest& request) -> std::optional<LoadedDocument> {
    if (request.fileId != "notes") return std::nullopt;
    return LoadedDocument{
        .name = "notes.txt", .mimeType = "text/plain", .size = 4, .bytes = "milk"};
  };
  UserInput input;
  input.prompt = "What do I need?";
  input.listFileId = {"notes", "lost"};
  const std::string id = fixture.open().start(fixture.caller, input).workflow.id;
  const auto items = fixture.ended(id);
  CHECK(textsOf(items, "log") == Texts{"The file lost cannot be read: the model does not see it",
                                       "Asking the model test-model"});
  CHECK(items[1]["item"]["type"] == "warning");
  CHECK(fixture.requested()["messages"][0]["content"][0]["text"] == "File notes.txt:\nmilk");
}

TEST_CASE("reasoning and tool calls are logs before the answer") {
  OpenAiFixture fixture({eventReply(
      {R"({"choices":[{"delta":{"reasoning_content":"Hm."}}]})", textChunk("Yes"),
       R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]},)"
       R"("finish_reason":"tool_calls"}]})"})});
  const auto items = fixture.ended(fixture.start("?"));
  REQUIRE(items.size() == 6);
  CHECK(items[2]["item"]["message"] == "Reasoning: Hm.");
  CHECK(items[3]["item"]["message"] == "Tool call: f({})");
  CHECK(items[4]["item"]["message"] == "Yes");
}

TEST_CASE("a stop while the model thinks keeps what it has thought so far") {
  OpenAiFixture fixture({hanging({eventHead(), reasoningEvent("I think"), ": and\n\n"})});
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  // The time moves until the reasoning is kept, however late it arrives.
  while (textsOf(fixture.items(id), "log").size() < 2) {
    fixture.environment->advance(1s);
    std::this_thread::sleep_for(1ms);
  }
  fixture.engine->stop(fixture.caller, id);
  CHECK(textsOf(fixture.items(id), "log") ==
        Texts{"Asking the model test-model", "Reasoning: I think"});
  CHECK(fixture.status(id) == WorkflowStatus::stopped);
}

TEST_CASE("long reasoning is kept in portions while it comes, before the text that follows") {
  const std::string thought(3000, 'r');
  OpenAiFixture fixture({hanging({eventHead(), reasoningEvent(thought)})});
  const std::string id = fixture.start("?");
  while (textsOf(fixture.items(id), "log").size() < 2) std::this_thread::sleep_for(1ms);
  fixture.server.goOn({"data: " + textChunk("Yes") + "\n\ndata: [DONE]\n\n"}, Reply::Then::close);
  const auto items = fixture.ended(id);
  CHECK(textsOf(items, "log") == Texts{"Asking the model test-model",
                                       "Reasoning: " + thought.substr(0, 2048),
                                       "Reasoning: " + thought.substr(2048)});
  CHECK(items[4]["item"]["message"] == "Yes");
}

TEST_CASE("what a failed round has thought is kept") {
  OpenAiFixture fixture(
      {{.pieces = {eventHead(), reasoningEvent("First thought")}, .then = Reply::Then::close},
       hello()});
  const Texts logs = textsOf(fixture.ended(fixture.start("?"), 1s), "log");
  CHECK(logs == Texts{"Asking the model test-model", "Reasoning: First thought",
                      "The model server's answer has broken off"});
}

TEST_CASE("an answer without text is completed with a warning") {
  OpenAiFixture fixture({eventReply({kStopChunk})});
  const std::string id = fixture.start("?");
  const auto items = fixture.ended(id);
  CHECK(fixture.status(id) == WorkflowStatus::completed);
  CHECK(textsOf(items, "message") == Texts{"?"});
  CHECK(textsOf(items, "log").back() == "The model has sent no text");
}

TEST_CASE("a server that does not stream is understood too") {
  OpenAiFixture fixture({statusReply(
      200,
      R"({"choices":[{"message":{"content":"All"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})",
      "Content-Type: application/json\r\n")});
  const auto items = fixture.ended(fixture.start("?"));
  CHECK(textsOf(items, "message") == Texts{"?", "All"});
  CHECK(statOf(items)["tokensIn"] == 1);
}

TEST_CASE("a stop before the first text closes the transfer and keeps nothing") {
  OpenAiFixture fixture({hanging({})});
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitRequests(1));
  const auto begun = std::chrono::steady_clock::now();
  fixture.engine->stop(fixture.caller, id);
  REQUIRE(fixture.server.awaitClosed(1));
  CHECK(std::chrono::steady_clock::now() - begun < 100ms);
  CHECK(fixture.status(id) == WorkflowStatus::stopped);
  CHECK(textsOf(fixture.items(id), "message") == Texts{"?"});
}

TEST_CASE("a stop in the middle closes the transfer and keeps the text so far") {
  OpenAiFixture fixture({hanging({eventHead(), "data: " + textChunk("So far") + "\n\n"})});
  UserInput input;
  input.prompt = "?";
  StartedRound round = fixture.open().start(fixture.caller, input, {.deltas = Deltas::shown});
  while (round.stream->next(10s).kind == StreamEvent::Kind::item) continue;
  const auto begun = std::chrono::steady_clock::now();
  fixture.engine->stop(fixture.caller, round.workflow.id);
  REQUIRE(fixture.server.awaitClosed(1));
  CHECK(std::chrono::steady_clock::now() - begun < 100ms);
  const auto items = fixture.items(round.workflow.id);
  CHECK(textsOf(items, "message") == Texts{"?", "So far"});
  CHECK(items.back()["item"]["status"] == "last");
}

TEST_CASE("a stop in the wait for a retry ends it") {
  OpenAiFixture fixture({statusReply(500, ""), hello()});
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitRequests(1));
  while (fixture.items(id).size() < 3) std::this_thread::sleep_for(1ms);
  fixture.engine->stop(fixture.caller, id);
  const std::size_t items = fixture.items(id).size();
  fixture.environment->advance(1h);
  // Another round, begun and ended later, shows that the stopped one had the time to go on.
  fixture.ended(fixture.start("another"));
  CHECK(fixture.server.requests().size() == 2);
  CHECK(fixture.requested(1)["messages"][0]["content"] == "another");
  CHECK(fixture.items(id).size() == items);
  CHECK(fixture.status(id) == WorkflowStatus::stopped);
}

TEST_CASE("rounds can be stopped at any moment, and nothing follows") {
  std::vector<std::string> chunks(40, textChunk("some text "));
  chunks.push_back(kStopChunk);
  OpenAiFixture fixture({eventReply(chunks)});
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(fixture.start("?"));
  const auto stopFrom = [&](std::size_t first) {
    for (std::size_t i = first; i < ids.size(); i += 2)
      fixture.engine->stop(fixture.caller, ids[i]);
  };
  std::thread other(stopFrom, 0);
  stopFrom(1);
  other.join();
  std::vector<std::size_t> counts;
  for (const std::string& id : ids) counts.push_back(fixture.items(id).size());
  fixture.ended(fixture.start("another, which ends after them"));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    CHECK(fixture.items(ids[i]).size() == counts[i]);
    CHECK(fixture.status(ids[i]) != WorkflowStatus::running);
    CHECK(fixture.status(ids[i]) != WorkflowStatus::error);
  }
}

TEST_CASE("a delete closes the transfer") {
  OpenAiFixture fixture({hanging({eventHead()})});
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  fixture.engine->remove(fixture.caller, id);
  CHECK(fixture.server.awaitClosed(1));
}

TEST_CASE("a shutdown closes all transfers and waits") {
  OpenAiFixture fixture({hanging({eventHead(), "data: " + textChunk("So far") + "\n\n"})});
  for (int i = 0; i < 5; ++i) fixture.start("?");
  REQUIRE(fixture.server.awaitSent(5));
  fixture.engine->shutdown();
  CHECK(fixture.server.awaitClosed(5));
}

TEST_CASE("a responder that is stopped alone ends its rounds as failed") {
  OpenAiFixture fixture({hanging({eventHead()})});
  EngineOptions options;
  options.store.path = fixture.folder.database();
  options.environment = fixture.environment;
  options.responder = makeOpenAiResponder(fixture.options, fixture.environment, nullptr);
  const auto responder = options.responder;
  fixture.engine = Engine::open(std::move(options));
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  responder->stop();
  CHECK(fixture.status(id) == WorkflowStatus::error);
  const std::string later = fixture.start("later");
  CHECK(fixture.status(later) == WorkflowStatus::error);
  CHECK(fixture.server.requests().size() == 1);
}

TEST_CASE("500 rounds at once are all answered") {
  raiseFileLimit();
  constexpr std::size_t kRounds = 500;
  OpenAiFixture fixture([](const ModelServer::Request& request) {
    const Json body = Json::parse(request.body);
    Reply reply = eventReply({textChunk("Hello "),
                              textChunk(body["messages"][0]["content"].get<std::string>()),
                              kStopChunk, kUsageChunk});
    return reply;
  });
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kRounds; ++i) ids.push_back(fixture.start(std::to_string(i)));
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto items = fixture.ended(ids[i]);
    CHECK(textsOf(items, "message") == Texts{std::to_string(i), "Hello " + std::to_string(i)});
  }
}

TEST_CASE("500 rounds that wait for their server at once can be stopped") {
  raiseFileLimit();
  constexpr std::size_t kRounds = 500;
  OpenAiFixture fixture({hanging({eventHead()})});
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kRounds; ++i) ids.push_back(fixture.start("?"));
  REQUIRE(fixture.server.awaitSent(kRounds));
  for (const std::string& id : ids) fixture.engine->stop(fixture.caller, id);
  CHECK(fixture.server.awaitClosed(kRounds));
}

TEST_CASE("options that do not fit are refused") {
  OpenAiOptions options;
  CHECK(refusalOf([&] { makeOpenAiResponder(options, systemEnvironment(), nullptr); }) ==
        "openaiBaseUrl, or OPENAI_BASE_URL in the environment, must be the model server's URL");
}
