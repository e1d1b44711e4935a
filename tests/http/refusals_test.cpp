// Requests that fail: each status with its words, and nothing changed.
#include <doctest/doctest.h>

#include "chatbot/error.h"
#include "http/mount_fixture.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

const Identity kBob = user("bob");
const Identity kViewer = user("vic", "m1", {"viewer"});
const Identity kNobody = user("ann", "m1", {});

// Threads of every kind, and a check that a request has changed none of them.
struct Refusals : MountFixture {
  explicit Refusals(MountOptions options = {}) : MountFixture({}, std::move(options)) {
    importOther();
    ended = thread("ended");
    busy = running("running");
    caller = kBob;
    foreign = thread("foreign");
    caller = user("ann");
  }

  // A workflow that is not a chatbot's, brought in beside the engine.
  void importOther() {
    Import entry;
    entry.workflow = newWorkflow(caller);
    entry.workflow.id = other = newId(*environment);
    entry.workflow.workflowMode = "Dynamic";
    entry.workflow.status = WorkflowStatus::completed;
    Store::open({.path = path}, environment)->import(Scope::system(), std::array{entry});
  }

  // The detail of the answer.
  Json refused(int status, std::string_view method, const std::string& target,
               std::string_view body = {}, const Headers& headers = {}) {
    const std::string before = everything();
    const Response response = serve(method, prefix + target, body, headers);
    CAPTURE(target);
    CHECK(response.status == status);
    CHECK(everything() == before);
    CHECK_FALSE(turn());
    CHECK_FALSE(turns.back().cancelled());
    const Json answer = jsonOf(response);
    CHECK(answer.size() == 1);
    return answer.at("detail");
  }

  std::string ended, busy, foreign, other;
};

std::string startBody(const Json& workflowId = nullptr) {
  return Json{{"prompt", "x"}, {"workflowId", workflowId}}.dump();
}

std::string notFound(const std::string& id) { return "Workflow with ID " + id + " not found"; }

}  // namespace

TEST_CASE("400: pagination that does not fit names the field") {
  Refusals fixture;
  const auto detail = [&](const std::string& pagination) {
    return fixture.refused(400, "GET", "/threads?pagination=" + encoded(pagination))
        .get<std::string>();
  };
  const std::string begin = "Invalid pagination parameter: ";
  CHECK(detail("nonsense") == begin + "not valid JSON");
  CHECK(detail("[]") == begin + "must be an object");
  CHECK(detail("[{\"page\":1}]") == begin + "must be an object");
  CHECK(detail("\xFF") == begin + "not valid JSON");
  CHECK(detail(std::string(10'000, '[')) == begin + "not valid JSON");
  CHECK(detail(R"({"page": 0})").starts_with(begin + "page must be an integer from 1"));
  CHECK(detail(R"({"page": 9223372036854775808})").starts_with(begin + "page must be"));
  CHECK(detail(R"({"page": "1"})").starts_with(begin + "page must be"));
  CHECK(detail(R"({"pageSize": 1001})") == begin + "pageSize must be an integer from 1 to 1000");
  CHECK(detail(R"({"sort": [{"field": "nope"}]})").find("nope") != std::string::npos);
  CHECK(detail(R"({"filters": {"nope": 1}})").find("nope") != std::string::npos);
  CHECK(detail(R"({"filters": {"name": {"operator": "like", "value": 1}}})").find("like") !=
        std::string::npos);
}

TEST_CASE("400: a workflow that is not a chatbot's") {
  Refusals fixture;
  const std::string& id = fixture.other;
  const std::string expected = "Workflow " + id + " is not a chatbot workflow";
  CHECK(fixture.refused(400, "GET", "/threads?workflowId=" + id) == expected);
  CHECK(fixture.refused(400, "POST", "/" + id + "/stop") == expected);
  CHECK(fixture.refused(400, "DELETE", "/" + id) == expected);
  CHECK(fixture.refused(400, "GET", "/" + id + "/stream") == expected);
  CHECK(fixture.refused(400, "PATCH", "/" + id, R"({"name": "x"})") == expected);
  CHECK(fixture.refused(400, "POST", "/start/stream", startBody(id)) == expected);
}

TEST_CASE("400: a place in a stream that is none") {
  Refusals fixture;
  const std::string target = "/" + fixture.busy + "/stream";
  for (const char* place :
       {"x", "-1", "-0", "+1", "1x", "1.", ".5", "1.-5", "1.5.2", "1,5", " 1", "1 ", "0x1", "1e0",
        "9223372036854775808", "99999999999999999999999999"}) {
    CHECK(fixture.refused(400, "GET", target, {}, {{"Last-Event-ID", place}}) ==
          "Invalid Last-Event-ID");
    CHECK(fixture.refused(400, "GET", target + "?lastEventId=" + encoded(place)) ==
          "Invalid Last-Event-ID");
  }
  CHECK(fixture.refused(400, "GET", target + "?lastEventId=1", {}, {{"LAST-event-ID", "x"}}) ==
        "Invalid Last-Event-ID");
  CHECK(fixture.refused(400, "GET", target + "?lastEventId=1%00") == "Invalid Last-Event-ID");
  CHECK(fixture.refused(400, "GET", target + "?lastEventId=") == "Invalid Last-Event-ID");
}

TEST_CASE("400: a caller who cannot be") {
  Refusals fixture;
  fixture.caller = user("");
  CHECK(fixture.refused(400, "GET", "/threads") == "userId must not be empty");
  fixture.caller = user("a\nb");
  CHECK(fixture.refused(400, "POST", "/start/stream", startBody())
            .get<std::string>()
            .starts_with("userId must not have control characters"));
}

TEST_CASE("403: visible, but not permitted") {
  Refusals fixture;
  fixture.caller = kViewer;
  const std::string& id = fixture.ended;
  const std::string change = "You don't have permission to change this workflow";
  CHECK(fixture.refused(403, "POST", "/start/stream", startBody()) ==
        "You don't have permission to create a workflow");
  CHECK(fixture.refused(403, "POST", "/start/stream?workflowId=" + id, startBody()) == change);
  CHECK(fixture.refused(403, "POST", "/" + fixture.busy + "/stop") == change);
  CHECK(fixture.refused(403, "PATCH", "/" + id, R"({"name": "x"})") == change);
  CHECK(fixture.refused(403, "DELETE", "/" + id) ==
        "You don't have permission to delete this workflow");
  CHECK(fixture.detail(id).status == 200);
}

TEST_CASE("404: a workflow that is absent or not visible, in the same words") {
  Refusals fixture;
  for (const std::string& id : {fixture.foreign, kAbsentId}) {
    const Json expected = notFound(id);
    CHECK(fixture.refused(404, "GET", "/threads?workflowId=" + id) == expected);
    CHECK(fixture.refused(404, "POST", "/" + id + "/stop") == expected);
    CHECK(fixture.refused(404, "DELETE", "/" + id) == expected);
    CHECK(fixture.refused(404, "PATCH", "/" + id, R"({"name": "x"})") == expected);
    CHECK(fixture.refused(404, "GET", "/" + id + "/stream") == expected);
    CHECK(fixture.refused(404, "POST", "/start/stream?workflowId=" + id, startBody()) == expected);
    CHECK(fixture.refused(404, "POST", "/start/stream", startBody(id)) == expected);
  }
}

TEST_CASE("404: another tenant's workflow, and all of them for a caller without roles") {
  Refusals fixture;
  fixture.caller = user("ann", "m2", {"admin"});
  fixture.refused(404, "GET", "/threads?workflowId=" + fixture.ended);
  fixture.refused(404, "DELETE", "/" + fixture.ended);
  fixture.refused(404, "GET", "/threads?workflowId=" + fixture.other);
  fixture.caller = kNobody;
  fixture.refused(404, "GET", "/threads?workflowId=" + fixture.ended);
  fixture.refused(404, "POST", "/" + fixture.busy + "/stop");
  CHECK(jsonOf(fixture.get("/threads"))["items"].empty());
}

TEST_CASE("404: ids that are none, whatever they hold") {
  Refusals fixture;
  struct Row {
    std::string id;
    std::string shown;
  };
  const std::vector<Row> rows = {{"x", "x"},
                                 {"' OR 1=1 --", "' OR 1=1 --"},
                                 {std::string("a\0b", 3), std::string("a\0b", 3)},
                                 {"a\r\nb", "a\r\nb"},
                                 {"../threads", "../threads"},
                                 {"\xFF\xFE", "\xEF\xBF\xBD"},
                                 {fixture.ended + " ", fixture.ended + " "}};
  for (const Row& row : rows) {
    const Json expected = notFound(row.shown);
    CHECK(fixture.refused(404, "GET", "/threads?workflowId=" + encoded(row.id)) == expected);
    CHECK(fixture.refused(404, "POST", "/" + encoded(row.id) + "/stop") == expected);
    CHECK(fixture.refused(404, "DELETE", "/" + encoded(row.id)) == expected);
  }
}

TEST_CASE("404: the message of the error stays one short line, whatever the id holds") {
  Refusals fixture;
  for (const std::string& id : {std::string("a\0\r\nb", 5), std::string(100'000, 'x')}) {
    try {
      fixture.engine->detail(fixture.caller, id);
      FAIL("found");
    } catch (const Error& error) {
      const std::string message = error.what();
      CHECK(message.starts_with("Workflow with ID \""));
      CHECK(message.ends_with("\" not found"));
      CHECK(message.find_first_of("\r\n") == std::string::npos);
      CHECK(message.size() < 120);
    }
  }
}

TEST_CASE("404: a path that is not known") {
  Refusals fixture;
  for (const char* path : {"", "/", "/threads/", "/x/y", "/x/y/z", "/start/stream/"}) {
    CHECK(fixture.refused(404, "GET", path) == "Not Found");
  }
  fixture.prefix = "";
  for (const char* target : {"", "/", "*", "/favicon.ico", "/api", "/api/chatbot"}) {
    CHECK(fixture.refused(404, "GET", target) == "Not Found");
  }
}

TEST_CASE("405: a path that is known for other methods, which are told") {
  Refusals fixture;
  const auto allowed = [&](const char* method, const std::string& path) {
    CHECK(fixture.refused(405, method, path, startBody()) == "Method Not Allowed");
    return headerOf(fixture.serve(method, fixture.prefix + path), "Allow");
  };
  CHECK(allowed("GET", "/start/stream") == "POST");
  CHECK(allowed("DELETE", "/threads") == "GET");
  CHECK(allowed("HEAD", "/threads") == "GET");
  CHECK(allowed("PUT", "/openapi.json") == "GET");
  CHECK(allowed("GET", "/" + fixture.busy + "/stop") == "POST");
  CHECK(allowed("POST", "/" + fixture.busy + "/stream") == "GET");
  CHECK(allowed("GET", "/" + fixture.ended) == "DELETE, PATCH");
}

TEST_CASE("409: a start on a workflow whose round is still running") {
  Refusals fixture;
  const std::string expected = "Workflow " + fixture.busy + " is still running";
  CHECK(fixture.refused(409, "POST", "/start/stream", startBody(fixture.busy)) == expected);
  CHECK(fixture.refused(409, "POST", "/start/stream?workflowId=" + fixture.busy,
                        startBody(fixture.ended)) == expected);
}

TEST_CASE("409: a place in a stream that does not exist yet, with the newest one") {
  Refusals fixture;
  for (const std::string& id : {fixture.busy, fixture.ended}) {
    CHECK(fixture.refused(409, "GET", "/" + id + "/stream", {}, {{"Last-Event-ID", "2"}}) ==
          "Place 2 does not exist yet; the newest is 1");
    CHECK(fixture.refused(409, "GET", "/" + id + "/stream?lastEventId=9223372036854775807") ==
          "Place 9223372036854775807 does not exist yet; the newest is 1");
  }
}

TEST_CASE("413: a body over the limit, and not one at it") {
  Refusals fixture({.maxBodyBytes = 100});
  const std::string body = R"({"prompt": "x"})";
  const std::string most = body + std::string(100 - body.size(), ' ');
  CHECK(fixture.refused(413, "POST", "/start/stream", most + " ") == "Request body too large");
  CHECK(fixture.refused(413, "PATCH", "/" + fixture.ended, most + " ") == "Request body too large");
  CHECK(fixture.serve("POST", fixture.prefix + "/start/stream", most).status == 200);
}

TEST_CASE("413: the limit is a mebibyte where the host says nothing") {
  Refusals fixture;
  const auto bodyOf = [](std::size_t size) {
    return "{\"prompt\":\"" + std::string(size - 13, 'x') + "\"}";
  };
  fixture.refused(413, "POST", "/start/stream", bodyOf(1024 * 1024 + 1));
  CHECK(fixture.serve("POST", fixture.prefix + "/start/stream", bodyOf(1024 * 1024)).status == 200);
}

TEST_CASE("422: a body that does not fit, with the places and kinds of its faults") {
  Refusals fixture;
  const auto faults = [&](std::string_view body) {
    return fixture.refused(422, "POST", "/start/stream?workflowId=" + fixture.ended, body);
  };
  CHECK(faults("").at(0).at("type") == "json_invalid");
  CHECK(faults("{\"prompt\": \"\xFF\"}").at(0).at("type") == "json_invalid");
  CHECK(faults(std::string(100'000, '[')).at(0).at("type") == "json_invalid");
  CHECK(faults("[]").at(0).at("loc") == Json{"body"});
  CHECK(
      faults("{}") ==
      Json::parse(R"([{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required"}])"));
  CHECK(faults(R"({"prompt": " \u00a0\n", "listFileId": {}})").size() == 2);
  const Json renamed = fixture.refused(422, "PATCH", "/" + fixture.ended, R"({"name": "a\nb"})");
  CHECK(renamed.at(0).at("loc") == Json{"body", "name"});
}

TEST_CASE("422: a body is looked at before the workflow, so it tells nothing about one") {
  Refusals fixture;
  CHECK(fixture.refused(422, "PATCH", "/" + fixture.foreign, "{}") ==
        fixture.refused(422, "PATCH", "/" + kAbsentId, "{}"));
}
