// What the mount says when too much is asked for, and what comes back when that is over.
#include <doctest/doctest.h>

#include "http/mount_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

void checkLimit(const Response& response, const char* policy, const char* state) {
  CHECK(headerOf(response, "RateLimit-Policy") == policy);
  CHECK(headerOf(response, "RateLimit") == state);
}

// Checks a 503 that tells when to come back, and that nothing was changed by it.
template <typename Call>
std::string unavailable(MountFixture& fixture, const Call& call) {
  const std::string before = fixture.everything();
  const Response response = call();
  CHECK(response.status == 503);
  CHECK(headerOf(response, "Retry-After") == "5");
  CHECK(fixture.everything() == before);
  CHECK_FALSE(fixture.turn());
  return jsonOf(response).at("detail");
}

}  // namespace

TEST_CASE("429: over the limit, with the time to come back") {
  MountFixture fixture({}, {.rateLimit = 2});
  checkLimit(fixture.get("/threads"), "\"threads\";q=2;w=60", "\"threads\";r=1;t=60");
  fixture.environment->advance(10s);
  checkLimit(fixture.get("/threads"), "\"threads\";q=2;w=60", "\"threads\";r=0;t=50");
  fixture.environment->advance(500ms);

  const Response refused = fixture.get("/threads");
  CHECK(refused.status == 429);
  CHECK(refused.body == R"({"detail":"Rate limit exceeded"})");
  CHECK(headerOf(refused, "Content-Type") == "application/json");
  CHECK(headerOf(refused, "Retry-After") == "50");
  checkLimit(refused, "\"threads\";q=2;w=60", "\"threads\";r=0;t=50");

  fixture.environment->advance(50s);
  CHECK(fixture.get("/threads").status == 200);
  CHECK(fixture.get("/threads").status == 429);
}

TEST_CASE("429: the limit is 120 requests a minute where the host says nothing") {
  MountFixture fixture;
  for (int i = 0; i < 120; ++i) REQUIRE(fixture.get("/threads").status == 200);
  CHECK(fixture.get("/threads").status == 429);
}

TEST_CASE("429: each operation has its own limit, whatever the path's id is") {
  MountFixture fixture({}, {.rateLimit = 1});
  CHECK(fixture.get("/threads").status == 200);
  CHECK(fixture.get("/threads?workflowId=" + kAbsentId).status == 429);
  CHECK(fixture.get("/threads?pagination=%7B%22page%22%3A1%7D").status == 429);
  CHECK(fixture.get("/openapi.json").status == 200);
  CHECK(fixture.start().status == 200);
  CHECK(fixture.stop(kAbsentId).status == 404);
  CHECK(fixture.stop("another").status == 429);
  CHECK(fixture.remove("one").status == 404);
  CHECK(fixture.remove("two").status == 429);
  CHECK(fixture.rename("one", "x").status == 404);
  CHECK(fixture.rename("two", "x").status == 429);
  CHECK(fixture.join("one").status == 404);
  CHECK(fixture.join("two").status == 429);
}

TEST_CASE("429: a caller is tenant and user, not its roles") {
  MountFixture fixture({}, {.rateLimit = 1});
  const auto status = [&](const Identity& caller) {
    return fixture.serveAs(caller, "GET", "/api/chatbot/threads").status;
  };
  CHECK(status(user("ann", "m1")) == 200);
  CHECK(status(user("bob", "m1")) == 200);
  CHECK(status(user("ann", "m2")) == 200);
  CHECK(status(user("ann", "")) == 200);
  CHECK(status(user("ann", "m1", {"admin"})) == 429);
  CHECK(status(user("ann", "")) == 429);
}

TEST_CASE("429: a request that is refused has changed nothing") {
  MountFixture fixture({}, {.rateLimit = 1});
  const Response started = fixture.start();
  const Turn turn = fixture.turn().value();
  const std::string id = turn.input().workflowId;
  CHECK(fixture.stop(kAbsentId).status == 404);
  const std::string before = fixture.everything();
  CHECK(fixture.start().status == 429);
  CHECK(fixture.stop(id).status == 429);
  CHECK(fixture.everything() == before);
  CHECK_FALSE(turn.cancelled());
  CHECK_FALSE(fixture.turn());
}

TEST_CASE("429: answers of every status count and carry the headers, unknown paths do neither") {
  MountFixture fixture({}, {.maxBodyBytes = 64, .rateLimit = 3});
  CHECK(headerOf(fixture.get("/nowhere/at/all"), "RateLimit").empty());
  CHECK(headerOf(fixture.serve("PUT", "/api/chatbot/threads"), "RateLimit").empty());
  const auto start = [&](const std::string& body) {
    return fixture.serve("POST", "/api/chatbot/start/stream", body);
  };
  const char* policy = "\"start\";q=3;w=60";
  checkLimit(start("{}"), policy, "\"start\";r=2;t=60");
  checkLimit(start(std::string(65, ' ')), policy, "\"start\";r=1;t=60");
  checkLimit(start(R"({"prompt": "x"})"), policy, "\"start\";r=0;t=60");
  CHECK(start(R"({"prompt": "x"})").status == 429);
}

TEST_CASE("429: both ways to ask for a page count to one limit") {
  MountFixture fixture({}, {.rateLimit = 1});
  CHECK(fixture.get("/threads").status == 200);
  const Response refused = fixture.serve("POST", fixture.prefix + "/threads/query", "{}");
  CHECK(refused.status == 429);
  CHECK(headerOf(refused, "RateLimit-Policy") == "\"threads\";q=1;w=60");
}

TEST_CASE("without a limit there are no headers, and no end to requests") {
  MountFixture fixture({}, {.rateLimit = 0});
  for (int i = 0; i < 300; ++i) REQUIRE(fixture.get("/openapi.json").status == 200);
  CHECK(headerOf(fixture.get("/threads"), "RateLimit").empty());
  CHECK(headerOf(fixture.get("/threads"), "RateLimit-Policy").empty());
}

TEST_CASE("503: too many open streams, until one is closed") {
  EngineOptions options;
  options.streams.maxStreams = 2;
  MountFixture fixture(std::move(options));
  const std::string id = fixture.thread();
  std::optional<Response> first = fixture.join(id);
  const Response second =
      fixture.serveAs(user("bob"), "POST", "/api/chatbot/start/stream", R"({"prompt": "x"})");
  const Turn turn = fixture.turn().value();
  REQUIRE(second.status == 200);
  CHECK(unavailable(fixture, [&] { return fixture.join(id); }) == "Too many open streams");
  CHECK(unavailable(fixture, [&] { return fixture.start(); }) == "Too many open streams");
  CHECK(unavailable(fixture, [&] { return fixture.start("x", "?workflowId=" + id); }) ==
        "Too many open streams");
  first.reset();
  CHECK(fixture.join(id).status == 200);
}

TEST_CASE("503: too many open streams of one user, and of that one only") {
  EngineOptions options;
  options.streams.maxStreamsPerUser = 1;
  MountFixture fixture(std::move(options));
  const std::string id = fixture.thread();
  const Response open = fixture.join(id);
  const std::string expected = "Too many open streams of this user";
  CHECK(unavailable(fixture, [&] { return fixture.join(id); }) == expected);
  CHECK(unavailable(fixture, [&] { return fixture.start(); }) == expected);
  CHECK(fixture.join(id, {{"Last-Event-ID", "1"}}).status == 204);
  for (const Identity& other : {user("bob"), user("ann", "m2")}) {
    CHECK(
        fixture.serveAs(other, "POST", "/api/chatbot/start/stream", R"({"prompt": "x"})").status ==
        200);
  }
}

TEST_CASE("503: too many running rounds, until one has ended") {
  EngineOptions options;
  options.maxRounds = 1;
  MountFixture fixture(std::move(options));
  const std::string ended = fixture.thread();
  const std::string id = fixture.running();
  const auto again = [&] { return fixture.start("x", "?workflowId=" + ended); };
  CHECK(unavailable(fixture, [&] { return fixture.start(); }) == "Too many running rounds");
  CHECK(unavailable(fixture, again) == "Too many running rounds");
  CHECK(fixture.join(id).status == 200);
  fixture.turns.clear();
  CHECK(again().status == 200);
}

TEST_CASE("503: too many running rounds of a user, or of a tenant; others may start") {
  EngineOptions options;
  std::string expected = "Too many running rounds of this ";
  Identity other;
  SUBCASE("user") {
    options.maxRoundsPerUser = 1;
    expected += "user";
    other = user("bob");
  }
  SUBCASE("tenant") {
    options.maxRoundsPerMandate = 1;
    expected += "mandate";
    other = user("ann", "m2");
  }
  MountFixture fixture(std::move(options));
  fixture.running();
  CHECK(unavailable(fixture, [&] { return fixture.start(); }) == expected);
  CHECK(fixture.serveAs(other, "POST", "/api/chatbot/start/stream", R"({"prompt": "x"})").status ==
        200);
}

TEST_CASE("503: an engine that is shut down") {
  MountFixture fixture;
  const std::string id = fixture.thread();
  fixture.engine->shutdown();
  for (const Response& response :
       {fixture.start(), fixture.get("/threads"), fixture.detail(id), fixture.join(id),
        fixture.stop(id), fixture.remove(id), fixture.rename(id, "x")}) {
    CHECK(response.status == 503);
    CHECK(response.body == R"({"detail":"The engine is shut down"})");
    CHECK(headerOf(response, "Retry-After") == "5");
  }
}
