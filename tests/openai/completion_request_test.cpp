// What model servers do wrong, and what becomes of the rounds.
#include "openai/openai_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

Reply hello() { return eventReply({textChunk("Hel"), textChunk("lo"), kStopChunk, kUsageChunk}); }

Reply events(std::vector<std::string> pieces, Reply::Then then = Reply::Then::close) {
  pieces.insert(pieces.begin(), eventHead());
  return {.pieces = std::move(pieces), .then = then};
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }

// The messages of a conversation that has ended.
Texts messages(OpenAiFixture& fixture, std::chrono::milliseconds step = {}) {
  return textsOf(fixture.ended(fixture.start("?"), step), "message");
}

// The last log of a round that has failed.
std::string failure(OpenAiFixture& fixture, std::chrono::milliseconds step = {}) {
  const std::string id = fixture.start("?");
  const auto items = fixture.ended(id, step);
  CHECK(fixture.status(id) == WorkflowStatus::error);
  CHECK(items.back()["item"]["type"] == "error");
  return items.back()["item"]["message"];
}

}  // namespace

TEST_CASE("pieces may be cut within a character and within JSON") {
  const std::string text = event(textChunk("Gr\xC3\xBC\xC3\x9F"
                                           "e \xF0\x9F\x8D\xB0")) +
                           event(kStopChunk);
  std::vector<std::string> bytes;
  for (const char byte : text) bytes.emplace_back(1, byte);
  OpenAiFixture fixture({events(bytes)});
  CHECK(messages(fixture).back() ==
        "Gr\xC3\xBC\xC3\x9F"
        "e \xF0\x9F\x8D\xB0");
}

TEST_CASE("keepalive comments, carriage returns and a missing [DONE] do no harm") {
  OpenAiFixture fixture(
      {events({": OPENROUTER PROCESSING\r\n\r\n", "data: " + textChunk("Hi") + "\r\n\r\n",
               ": ping\r\n\r\ndata: " + std::string(kStopChunk) + "\r\n\r\n"})});
  const auto items = fixture.ended(fixture.start("?"));
  CHECK(textsOf(items, "message").back() == "Hi");
  CHECK(statOf(items)["tokensOut"] == 0);
}

TEST_CASE("a connection that is cut after the finish reason is a whole answer") {
  OpenAiFixture fixture({events({event(textChunk("Hi")), event(kStopChunk)}, Reply::Then::reset)});
  CHECK(messages(fixture).back() == "Hi");
}

TEST_CASE("a server that keeps the connection after [DONE] delays nothing for long") {
  OpenAiFixture fixture({events({event(textChunk("Hi")), event("[DONE]")}, Reply::Then::hang)});
  CHECK(messages(fixture, 50ms).back() == "Hi");
  CHECK(fixture.server.awaitClosed(1));
}

TEST_CASE("an overloaded server is asked again when it says") {
  OpenAiFixture fixture({statusReply(429, "", "Retry-After: 7\r\n"), hello()});
  const std::string id = fixture.start("?");
  while (fixture.open().detail(fixture.caller, id).items.size() < 3)
    std::this_thread::sleep_for(1ms);
  fixture.environment->advance(6900ms);
  std::this_thread::sleep_for(
      20ms);  // time for a fault to show; a right library passes at any speed
  CHECK(fixture.server.requests().size() == 1);
  fixture.environment->advance(100ms);
  const auto items = fixture.ended(id);
  CHECK(textsOf(items, "message").back() == "Hello");
  CHECK(textsOf(items, "log")[1] ==
        "The model server is overloaded (status 429); trying again in 7.0 s (1 of 3)");
  CHECK(items[2]["item"]["type"] == "warning");
  CHECK(statOf(items)["errorCount"] == 1);
}

TEST_CASE("a server that wants more time than there is fails the round") {
  OpenAiFixture fixture({statusReply(429, "", "Retry-After: 3600\r\n"), hello()});
  CHECK(failure(fixture) == "The model server is overloaded (status 429)");
}

TEST_CASE("a fault of the server is tried again") {
  OpenAiFixture fixture({statusReply(500, "oops"), statusReply(503, "oops"), hello()});
  CHECK(messages(fixture, 100ms).back() == "Hello");
  CHECK(fixture.server.requests().size() == 3);
  CHECK(fixture.requested(2) == fixture.requested(0));
}

TEST_CASE("a fault that stays ends the round after the last try") {
  OpenAiFixture fixture({statusReply(500, "oops")});
  fixture.options.maxRetries = 2;
  CHECK(failure(fixture, 100ms) == "The model server has failed (status 500)");
  CHECK(fixture.server.requests().size() == 3);
}

TEST_CASE("a refusal is not tried again; the log has its code and request id, never its words") {
  OpenAiFixture fixture(
      {statusReply(401,
                   R"({"error":{"message":"Incorrect API key provided: sk-secret-key.",)"
                   R"("code":"invalid_api_key","type":"sk-secret-key"}})",
                   "X-Request-Id: req_7\r\n")});
  const std::string id = fixture.start("?");
  const auto items = fixture.ended(id);
  CHECK(textsOf(items, "log").back() == "The model server has refused the key (status 401)");
  CHECK(fixture.server.requests().size() == 1);
  CHECK(fixture.lines.contain("status=401 code=invalid_api_key type=*** requestId=req_7"));
  CHECK_FALSE(fixture.lines.contain("Incorrect"));
  CHECK_FALSE(fixture.lines.contain(kKey));
  CHECK(Json(items).dump().find(kKey) == std::string::npos);
  CHECK(Json(items).dump().find("Incorrect") == std::string::npos);
}

TEST_CASE("a redirect is not followed") {
  OpenAiFixture fixture({statusReply(307, "", "Location: /elsewhere\r\n")});
  CHECK(failure(fixture) == "The model server has refused the request (status 307)");
  CHECK(fixture.server.requests().size() == 1);
}

TEST_CASE("a server that is not there is tried again, then the round fails") {
  OpenAiFixture fixture(std::vector<Reply>{hello()});
  fixture.options.baseUrl = "http://127.0.0.1:1/v1";
  fixture.options.maxRetries = 1;
  CHECK(failure(fixture, 100ms) == "The model server cannot be reached");
  CHECK(fixture.lines.contain("try=2"));
}

TEST_CASE("a connection that is closed before the answer is tried again") {
  OpenAiFixture fixture({{.pieces = {}, .then = Reply::Then::close}, events({}), hello()});
  CHECK(messages(fixture, 100ms).back() == "Hello");
  CHECK(fixture.server.requests().size() == 3);
}

TEST_CASE("a connection that is closed in the middle ends the round and keeps the text") {
  for (const Reply::Then then : {Reply::Then::close, Reply::Then::reset}) {
    OpenAiFixture fixture({events({event(textChunk("Hel")), "data: {\"cho"}, then)});
    const std::string id = fixture.start("?");
    const auto items = fixture.ended(id, 100ms);
    CHECK(fixture.status(id) == WorkflowStatus::error);
    CHECK(textsOf(items, "message") == Texts{"?", "Hel"});
    CHECK(textsOf(items, "log").back() == "The model server's answer has broken off");
    CHECK(fixture.server.requests().size() == 1);
  }
}

TEST_CASE("silence before the answer is tried again") {
  OpenAiFixture fixture({{.pieces = {}, .then = Reply::Then::hang}, hello()});
  fixture.options.firstByteTimeout = 10s;
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitRequests(1));
  fixture.environment->advance(10s);
  REQUIRE(fixture.server.awaitClosed(1));
  const auto items = fixture.ended(id, 10ms);
  CHECK(textsOf(items, "message").back() == "Hello");
  CHECK(textsOf(items, "log")[1].starts_with("The model server has not answered in time; trying"));
}

TEST_CASE("silence in the middle ends the round and keeps the text") {
  OpenAiFixture fixture({events({event(textChunk("Hel"))}, Reply::Then::hang)});
  fixture.options.idleTimeout = 10s;
  UserInput input;
  input.prompt = "?";
  StartedRound round = fixture.open().start(fixture.caller, input, {.deltas = Deltas::shown});
  while (round.stream->next(10s).kind == StreamEvent::Kind::item) continue;
  fixture.environment->advance(9s);
  fixture.server.goOn({": keepalive\n\n"}, Reply::Then::hang);
  REQUIRE(fixture.server.awaitSent(2));
  const auto items = fixture.ended(round.workflow.id, 100ms);
  CHECK(textsOf(items, "message") == Texts{"?", "Hel"});
  CHECK(textsOf(items, "log").back() == "The model server has not answered in time");
  CHECK(fixture.server.awaitClosed(1));
}

TEST_CASE("an error in the stream ends the round") {
  OpenAiFixture fixture({events({event(textChunk("Hel")),
                                 event(R"({"error":{"message":"out of memory","code":500}})"),
                                 event(textChunk("lo"))})});
  const std::string id = fixture.start("?");
  const auto items = fixture.ended(id);
  CHECK(fixture.status(id) == WorkflowStatus::error);
  CHECK(textsOf(items, "message").back() == "Hel");
  CHECK(textsOf(items, "log").back() == "The model server has reported an error (status 500)");
  CHECK(fixture.lines.contain("status=500"));
  CHECK_FALSE(fixture.lines.contain("out of memory"));
}

TEST_CASE("what is no JSON ends the round") {
  OpenAiFixture fixture({events({event("{\"choices\": [oops")}), hello()});
  CHECK(failure(fixture) == "The model server has sent what cannot be understood");
}

TEST_CASE("an answer of 10 MB is whole") {
  Reply reply = events({});
  std::string megabyte;
  for (int i = 0; i < 100; ++i) megabyte += event(textChunk(std::string(10'000, 'x')));
  for (int i = 0; i < 10; ++i) reply.pieces.push_back(megabyte);
  reply.pieces.push_back(event(kStopChunk));
  OpenAiFixture fixture({reply});
  CHECK(messages(fixture).back().size() == 10'000'000);
}

TEST_CASE("an answer beyond the bound ends the round and keeps what fits") {
  OpenAiFixture fixture(
      {events({event(textChunk("12345")), event(textChunk("67890")), event("[DONE]")})});
  fixture.options.maxAnswerBytes = 9;
  const std::string id = fixture.start("?");
  const auto items = fixture.ended(id);
  CHECK(textsOf(items, "message").back() == "12345");
  CHECK(textsOf(items, "log").back() == "The model server's answer is too large");
}

TEST_CASE("a last event without its blank line counts where the body has ended well") {
  OpenAiFixture fixture(
      {events({event(textChunk("Hi")), "data: " + std::string(kStopChunk) + "\n"})});
  CHECK(messages(fixture).back() == "Hi");
}

TEST_CASE("the form of an answer is read from its bytes, whatever its content type says") {
  const std::string document = R"({"choices":[{"message":{"content":"All"}}]})";
  for (const char* const type :
       {"Content-Type: text/event-stream\r\n", "Content-Type: text/html\r\n", ""}) {
    OpenAiFixture fixture({statusReply(200, document, type)});
    CHECK(messages(fixture).back() == "All");
    OpenAiFixture other({statusReply(200, event(textChunk("All")) + event("[DONE]"), type)});
    CHECK(messages(other).back() == "All");
  }
}

TEST_CASE("a page of a proxy fails the round at once") {
  OpenAiFixture fixture(
      {statusReply(200, "<html>Please log in</html>", "Content-Type: text/html\r\n"), hello()});
  CHECK(failure(fixture) ==
        "The model server's address answers with something else than a model's answer");
  CHECK(fixture.server.requests().size() == 1);
  CHECK_FALSE(fixture.lines.contain("log in"));
}

TEST_CASE("an answer that is empty is tried again, then the round fails") {
  OpenAiFixture fixture({statusReply(200, "", "Content-Type: application/json\r\n")});
  fixture.options.maxRetries = 1;
  CHECK(failure(fixture, 100ms) == "The model server's answer is empty");
  CHECK(fixture.server.requests().size() == 2);
}

TEST_CASE("an overload that is reported in the stream is tried again before the first text") {
  OpenAiFixture fixture(
      {events({event(R"({"error":{"message":"overloaded","code":429}})")}), hello()});
  CHECK(messages(fixture, 100ms).back() == "Hello");
}

TEST_CASE("nothing that was paid for is asked for twice") {
  OpenAiFixture fixture({events({event(R"({"choices":[{"delta":{"reasoning":"Hm"}}]})"),
                                 event(R"({"error":{"code":503}})")}),
                         hello()});
  CHECK(failure(fixture, 100ms) == "The model server has reported an error (status 503)");
  CHECK(fixture.server.requests().size() == 1);
}

TEST_CASE("a member that the server refuses is left out, at once and from then on") {
  OpenAiFixture fixture([](const ModelServer::Request& request) {
    const bool isThere = request.body.find("stream_options") != std::string::npos;
    return isThere ? statusReply(422, R"({"detail":[{"loc":["body","stream_options"]}]})")
                   : hello();
  });
  fixture.options.maxRetries = 0;
  CHECK(messages(fixture).back() == "Hello");
  CHECK(messages(fixture).back() == "Hello");
  CHECK(fixture.server.requests().size() == 3);
  CHECK(fixture.lines.contain("member=stream_options"));
}

TEST_CASE("a server that refuses a member again and again is asked once without it") {
  OpenAiFixture fixture({statusReply(400, "stream_options")});
  CHECK(failure(fixture) == "The model server has refused the request (status 400)");
  CHECK(fixture.server.requests().size() == 2);
}

TEST_CASE("an answer that stays open after its finish reason ends soon, whatever is sent then") {
  OpenAiFixture fixture(
      {events({event(textChunk("Hi")), event(kStopChunk), event(kUsageChunk), ": ping\n\n"},
              Reply::Then::hang)});
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  const Instant begun = fixture.environment->now();
  const auto items = fixture.ended(id, 10ms);
  CHECK(textsOf(items, "message").back() == "Hi");
  CHECK(statOf(items)["tokensIn"] == 11);
  CHECK(fixture.environment->now() - begun < 24h);
}

TEST_CASE("an answer that takes too long is cut, and what has come is the answer") {
  OpenAiFixture fixture({events({event(textChunk("So far"))}, Reply::Then::hang)});
  fixture.options.answerTimeout = 10s;
  const std::string id = fixture.start("?");
  REQUIRE(fixture.server.awaitSent(1));
  const auto items = fixture.ended(id, 1s);
  CHECK(fixture.status(id) == WorkflowStatus::completed);
  CHECK(textsOf(items, "message").back() == "So far");
  CHECK(textsOf(items, "log").back() == "The answer was cut: it has taken longer than it may");
}

TEST_CASE("a round without text fails when its time is over, and is not tried again") {
  OpenAiFixture fixture({{.pieces = {}, .then = Reply::Then::hang}});
  fixture.options.answerTimeout = 10s;
  CHECK(failure(fixture, 1s) == "The model server has not answered in time");
  CHECK(fixture.server.requests().size() == 1);
}

TEST_CASE("a server may say in milliseconds when to ask again, or not to ask again") {
  OpenAiFixture fixture({statusReply(429, "", "retry-after-ms: 1500\r\n"), hello()});
  const std::string id = fixture.start("?");
  CHECK(textsOf(fixture.ended(id, 100ms), "log")[1].find("again in 1.5 s") != std::string::npos);
  OpenAiFixture never({statusReply(503, "", "x-should-retry: false\r\n"), hello()});
  CHECK(failure(never) == "The model server has failed (status 503)");
}

TEST_CASE("an encoding that cannot be undone fails the round at once") {
  OpenAiFixture fixture({statusReply(200, "bytes", "Content-Encoding: rot13\r\n"), hello()});
  CHECK(failure(fixture) == "The model server has sent what cannot be understood");
  CHECK(fixture.server.requests().size() == 1);
}
