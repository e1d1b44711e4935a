#include "http/routes.h"

#include <doctest/doctest.h>

#include <set>

#include "http/mount_fixture.h"

using namespace chatbot;
using namespace chatbot::http;

namespace {

Match find(std::string_view method, std::string_view path) {
  const Target target = parseTarget(path);
  return match(method, target.segments);
}

std::string operationOf(std::string_view method, std::string_view path) {
  const Match found = find(method, path);
  return found.route == nullptr ? "" : std::string(found.route->operation);
}

}  // namespace

TEST_CASE("each endpoint has its route") {
  CHECK(operationOf("POST", "/start/stream") == "start");
  CHECK(operationOf("GET", "/threads") == "threads");
  CHECK(operationOf("POST", "/threads/query") == "queryThreads");
  CHECK(operationOf("GET", "/openapi.json") == "openapi");
  CHECK(operationOf("POST", "/some-id/stop") == "stop");
  CHECK(operationOf("GET", "/some-id/stream") == "stream");
  CHECK(operationOf("DELETE", "/some-id") == "delete");
  CHECK(operationOf("PATCH", "/some-id") == "rename");
  CHECK(routes().size() == 8);
}

TEST_CASE("the path's id is found, and a path without one has none") {
  CHECK(find("POST", "/some-id/stop").workflowId == "some-id");
  CHECK(find("GET", "/a%2Fb/stream").workflowId == "a/b");
  CHECK(find("DELETE", "/start").workflowId == "start");
  CHECK(find("GET", "/threads").workflowId.empty());
}

TEST_CASE("a path that is known for other methods tells which") {
  struct Row {
    const char* path;
    const char* allow;
  };
  for (const Row& row :
       {Row{"/start/stream", "POST"}, Row{"/threads", "GET"}, Row{"/threads/query", "POST"},
        Row{"/openapi.json", "GET"}, Row{"/x/stop", "POST"}, Row{"/x/stream", "GET"},
        Row{"/x", "DELETE, PATCH"}}) {
    CAPTURE(row.path);
    for (const char* method : {"PUT", "HEAD", "OPTIONS", "get", "Post", "", "CONNECT"}) {
      const Match found = find(method, row.path);
      CHECK(found.route == nullptr);
      CHECK(found.allow == row.allow);
    }
  }
}

TEST_CASE("a fixed path is never taken for an id") {
  CHECK(operationOf("DELETE", "/threads").empty());
  CHECK(find("DELETE", "/threads").allow == "GET");
  CHECK(operationOf("GET", "/start/stream").empty());
  CHECK(find("GET", "/start/stream").allow == "POST");
}

TEST_CASE("other paths are not known") {
  for (const char* path : {"", "/", "//", "/threads/", "/x/", "//stop", "/x/start", "/x/stop/y",
                           "/start/stream/", "/Threads/x/y", "/x/STOP", "/start//stream"}) {
    CAPTURE(path);
    for (const char* method : {"GET", "POST", "DELETE", "PATCH"}) {
      const Match found = find(method, path);
      CHECK(found.route == nullptr);
      CHECK(found.allow.empty());
    }
  }
}

TEST_CASE("operations have names of their own, and answers for every outcome") {
  std::set<std::string_view> names;
  for (const Route& route : routes()) {
    CAPTURE(route.operation);
    CHECK(names.insert(route.operation).second);
    CHECK_FALSE(route.summary.empty());
    CHECK_FALSE(route.answers.empty());
    CHECK_FALSE(route.errors.empty());
    CHECK((route.bodySchema.empty() || route.method != "GET"));
  }
}

TEST_CASE("a header is found in any case, the first of its name") {
  test::MountFixture fixture;
  const Request request{.method = {},
                        .target = {},
                        .headers = {{"x", ""}, {"last-EVENT-id", "5"}, {"Last-Event-ID", "6"}},
                        .body = {}};
  const Target target;
  const Call call{.engine = *fixture.engine,
                  .mount = *fixture.mount,
                  .request = request,
                  .caller = fixture.caller,
                  .target = target,
                  .workflowId = {}};
  CHECK(call.header("Last-Event-ID") == "5");
  CHECK(call.header("X") == "");
  CHECK_FALSE(call.header("Last-Event"));
  CHECK_FALSE(call.header("Last-Event-IDs"));
  CHECK_FALSE(call.header(""));
}
