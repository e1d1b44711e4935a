// A store that is busy when a model's answer is to be appended.
#include "openai/openai_fixture.h"
#include "run/rounds_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

// A round whose model server hangs, before a store that can fail.
struct BusyStore : RoundsFixture {
  explicit BusyStore(Reply reply) : server({std::move(reply)}) {
    OpenAiOptions asked;
    asked.baseUrl = server.url();
    asked.model = "m";
    asked.firstByteTimeout = 24h;
    asked.idleTimeout = 24h;
    asked.maxRetries = 0;
    responder = makeOpenAiResponder(asked, environment, nullptr);
  }
  ~BusyStore() {
    responder->stop();
    rounds->close();
  }

  std::string start() {
    Turn turn = begin();
    std::string id = turn.input().workflowId;
    responder->respond(std::move(turn));
    return id;
  }

  // The store fails while the server says this, and until a call of it has failed for it.
  void failWhile(std::vector<std::string> pieces) {
    flaky->failing = true;
    server.goOn(std::move(pieces), Reply::Then::close);
    while (flaky->failures == 0) std::this_thread::sleep_for(1ms);
    flaky->failing = false;
  }

  Tail ended(const std::string& id) {
    while (true) {
      Tail tail = store->tail(Scope::system(), id, 0, 1000, 1'000'000).value();
      if (tail.workflow.status != WorkflowStatus::running) return tail;
      environment->advance(1s);
      std::this_thread::sleep_for(1ms);
    }
  }

  ModelServer server;
  std::shared_ptr<Responder> responder;
};

}  // namespace

TEST_CASE("an answer that the store does not take at once is appended later") {
  BusyStore fixture({.pieces = {eventHead()}, .then = Reply::Then::hang});
  const std::string id = fixture.start();
  REQUIRE(fixture.server.awaitSent(1));
  fixture.failWhile({"data: " + textChunk("Hello") + "\n\ndata: [DONE]\n\n"});
  const Tail tail = fixture.ended(id);
  CHECK(tail.workflow.status == WorkflowStatus::completed);
  REQUIRE(tail.items.size() == 4);
  const Json message = Json::parse(tail.items[2].json)["item"];
  CHECK(message["message"] == "Hello");
  CHECK(message["status"] == "last");
}

TEST_CASE("a failure that the store does not take at once keeps its reason") {
  BusyStore fixture({.pieces = {eventHead()}, .then = Reply::Then::hang});
  const std::string id = fixture.start();
  REQUIRE(fixture.server.awaitSent(1));
  fixture.failWhile({"data: {\"error\":\"no memory\"}\n\n"});
  const Tail tail = fixture.ended(id);
  CHECK(tail.workflow.status == WorkflowStatus::error);
  CHECK(Json::parse(tail.items.back().json)["item"]["message"] ==
        "The model server has reported an error");
}
