// The endpoints' answers when all is well, and the paths that lead to them.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "http/mount_fixture.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

void checkStreamHeaders(const Response& response) {
  const Headers expected = {{"Content-Type", "text/event-stream"},
                            {"Cache-Control", "no-cache"},
                            {"Connection", "keep-alive"},
                            {"X-Accel-Buffering", "no"}};
  for (const auto& [name, value] : expected) CHECK(headerOf(response, name) == value);
  CHECK(response.status == 200);
  CHECK(response.body.empty());
  REQUIRE(response.stream != nullptr);
}

std::string framesOf(MountFixture& fixture, const std::string& id, std::size_t from = 0) {
  std::string all;
  const Tail tail = fixture.engine->detail(fixture.caller, id);
  for (std::size_t i = from; i < tail.items.size(); ++i) all += frameOf(tail.items[i]);
  return all;
}

std::vector<std::string> idsOf(const Json& list) {
  std::vector<std::string> ids;
  for (const Json& workflow : list.at("items")) ids.push_back(workflow.at("id"));
  return ids;
}

}  // namespace

TEST_CASE("a start makes a workflow and streams its items, with no frame after the last") {
  MountFixture fixture;
  const Response response = fixture.start("What is new?\nTell me.");
  checkStreamHeaders(response);
  Turn turn = fixture.turn().value();
  CHECK(turn.input().prompt == "What is new?\nTell me.");
  turn.append(textMessage("nothing", "assistant", "last"));
  turn.complete();

  const std::string bytes = readNow(*response.stream);
  CHECK(bytes == framesOf(fixture, turn.input().workflowId));
  CHECK(bytes.starts_with("id: 1\ndata: {\"type\":\"message\","));
  CHECK(hasEnded(*response.stream));
}

TEST_CASE("what a start is told goes to the responder") {
  MountFixture fixture;
  const Response response = fixture.serve(
      "POST", "/api/chatbot/start/stream",
      R"({"prompt": "x", "listFileId": ["f-1", "f-2"], "userLanguage": "de", "ignored": 1})");
  CHECK(response.status == 200);
  const Turn turn = fixture.turn().value();
  CHECK(turn.input().listFileId == std::vector<std::string>{"f-1", "f-2"});
  CHECK(turn.input().userLanguage == "de");
  CHECK(turn.input().userId == "ann");
  CHECK(turn.input().mandateId == "m1");
}

TEST_CASE("a further round streams its own items only; the query's id wins over the body's") {
  MountFixture fixture;
  const std::string one = fixture.thread();
  const std::string two = fixture.thread();
  const auto body = Json{{"prompt", "again"}, {"workflowId", one}}.dump();
  const auto startWith = [&](const std::string& query) {
    Response response = fixture.serve("POST", "/api/chatbot/start/stream" + query, body);
    CHECK(response.status == 200);
    Turn turn = fixture.turn().value();
    CHECK(turn.input().round == 2);
    turn.complete();
    CHECK(readNow(*response.stream) == framesOf(fixture, turn.input().workflowId, 1));
    return turn.input().workflowId;
  };
  CHECK(startWith("?workflowId=" + two) == two);
  CHECK(startWith("?workflowId=") == one);
}

TEST_CASE("a start without an id, or with an empty one, is a new workflow") {
  MountFixture fixture;
  for (const char* body : {R"({"prompt": "x"})", R"({"prompt": "x", "workflowId": null})",
                           R"({"prompt": "x", "workflowId": ""})"}) {
    CHECK(fixture.serve("POST", "/api/chatbot/start/stream?workflowId=", body).status == 200);
  }
  CHECK(fixture.engine->listAll(fixture.caller).size() == 3);
}

TEST_CASE("all threads, newest activity first") {
  MountFixture fixture;
  CHECK(fixture.get("/threads").body ==
        R"({"items":[],"pagination":{"currentPage":1,"pageSize":0,"totalItems":0,)"
        R"("totalPages":1,"sort":[],"filters":null}})");
  const std::string first = fixture.thread("one");
  fixture.environment->advance(1s);
  const std::string second = fixture.thread("two");
  const Json list = jsonOf(fixture.get("/threads"));
  CHECK(idsOf(list) == std::vector<std::string>{second, first});
  CHECK(list["pagination"]["totalItems"] == 2);
  CHECK(list["items"][0]["name"] == "two");
  CHECK(list["items"][0]["status"] == "completed");
}

TEST_CASE("a page of threads, with what was asked for") {
  MountFixture fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(fixture.thread("thread " + std::to_string(i)));
  const Json page =
      jsonOf(fixture.page(R"({"page": 2, "pageSize": 2, "sort": [{"field": "name"}],)"
                          R"("filters": {"name": {"operator": "ne", "value": "thread 1"}}})"));
  CHECK(idsOf(page) == std::vector<std::string>{ids[3], ids[4]});
  CHECK(page["pagination"] ==
        Json::parse(R"({"currentPage": 2, "pageSize": 2, "totalItems": 4, "totalPages": 2,)"
                    R"("sort": [{"field": "name", "direction": "asc"}],)"
                    R"("filters": {"name": {"operator": "ne", "value": "thread 1"}}})"));
}

TEST_CASE("a page may be asked for with a body, which may be long") {
  MountFixture fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(fixture.thread("thread " + std::to_string(i)));
  const auto query = [&](const std::string& body) {
    return fixture.serve("POST", fixture.prefix + "/threads/query", body);
  };
  CHECK(query("{}").body == fixture.page(R"({"page":1})").body);
  std::string wanted = R"({"filters":{"id":{"operator":"in","value":[)";
  for (int i = 0; i < 999; ++i) wanted += "\"" + std::string(36, 'x') + "\",";
  CHECK(idsOf(jsonOf(query(wanted + "\"" + ids[1] + "\"]}}}"))) == std::vector{ids[1]});
  CHECK(query("").status == 422);
  CHECK(jsonOf(query("{"))["detail"][0]["type"] == "json_invalid");
  for (const char* const bad : {"[]", "null", R"({"page":0})", R"({"cursor":"x"})"}) {
    CAPTURE(bad);
    const Response response = query(bad);
    CHECK(response.status == 400);
    CHECK(jsonOf(response)["detail"].get<std::string>().starts_with(
        "Invalid pagination parameter: "));
  }
  const Response other =
      fixture.serve("POST", fixture.prefix + "/threads/query?workflowId=7", "{}");
  CHECK(other.status == 400);
  CHECK(other.body == R"({"detail":"Unknown query parameter \"workflowId\""})");
}

TEST_CASE("a page beyond the last is empty, however far, and no items are no pages") {
  MountFixture fixture;
  CHECK(jsonOf(fixture.page(R"({"page": 1})"))["pagination"]["totalPages"] == 0);
  fixture.thread();
  const Json page = jsonOf(fixture.page(R"({"page": 9223372036854775807, "pageSize": 1000})"));
  CHECK(page["items"].empty());
  CHECK(page["pagination"]["totalItems"] == 1);
  CHECK(page["pagination"]["totalPages"] == 1);
}

TEST_CASE("a thread with its items is what its stream has shown") {
  MountFixture fixture;
  const std::string id = fixture.thread("hello");
  const Tail tail = fixture.engine->detail(fixture.caller, id);
  const Response response = fixture.detail(id);
  CHECK(response.status == 200);
  CHECK(response.body == "{\"workflow\":" + toJson(tail.workflow) + ",\"chatData\":{\"items\":[" +
                             tail.items.at(0).json + "]}}");
  CHECK(jsonOf(response)["chatData"]["items"][0]["item"]["message"] == "hello");
}

TEST_CASE("with an id, pagination is not looked at") {
  MountFixture fixture;
  const std::string id = fixture.thread();
  CHECK(fixture.get("/threads?pagination=nonsense&workflowId=" + id).status == 200);
  CHECK(fixture.get("/threads?workflowId=&pagination=nonsense").status == 400);
}

TEST_CASE("a stop answers the workflow, stopped; a second one answers the same") {
  MountFixture fixture;
  const Response start = fixture.start();
  const Turn turn = fixture.turn().value();
  const std::string id = turn.input().workflowId;
  const Response stopped = fixture.stop(id);
  CHECK(stopped.status == 200);
  CHECK(jsonOf(stopped)["status"] == "stopped");
  CHECK(jsonOf(stopped)["id"] == id);
  CHECK(turn.cancelled());
  readNow(*start.stream);
  CHECK(hasEnded(*start.stream));
  fixture.environment->advance(5s);
  CHECK(fixture.stop(id).body == stopped.body);
}

TEST_CASE("a delete answers the id, ends streams and turn, and the thread is gone") {
  MountFixture fixture;
  const Response start = fixture.start();
  const Turn turn = fixture.turn().value();
  const std::string id = turn.input().workflowId;
  const Response join = fixture.join(id);
  readNow(*join.stream);
  const Response deleted = fixture.remove(id);
  CHECK(deleted.status == 200);
  CHECK(headerOf(deleted, "Content-Type") == "application/json");
  CHECK(deleted.body ==
        "{\"id\":\"" + id +
            "\",\"message\":\"Chatbot workflow and associated data deleted successfully\"}");
  CHECK(turn.cancelled());
  CHECK(readNow(*join.stream) == "event: end\ndata: {\"status\":\"deleted\"}\n\n");
  CHECK(fixture.detail(id).status == 404);
  CHECK(fixture.remove(id).status == 404);
  CHECK(fixture.everything().empty());
}

TEST_CASE("a rename answers the workflow with its new name") {
  MountFixture fixture;
  const std::string id = fixture.thread();
  const Json renamed = jsonOf(fixture.rename(id, "Caf\xC3\xA9 \"x\""));
  CHECK(renamed["name"] == "Caf\xC3\xA9 \"x\"");
  CHECK(renamed["id"] == id);
  CHECK(jsonOf(fixture.detail(id))["workflow"] == renamed);
}

TEST_CASE("a join shows all items, then live ones, then the end in a frame") {
  MountFixture fixture;
  const std::string id = fixture.running();
  const Response response = fixture.join(id);
  checkStreamHeaders(response);
  CHECK(readNow(*response.stream) == framesOf(fixture, id));
  fixture.turns.back().append(textLog("live"));
  CHECK(readNow(*response.stream) == framesOf(fixture, id, 1));
  fixture.turns.back().complete();
  CHECK(readNow(*response.stream) == "event: end\ndata: {\"status\":\"completed\"}\n\n");
  CHECK(hasEnded(*response.stream));
}

TEST_CASE("a rejoin shows what follows the place that was read") {
  MountFixture fixture;
  const std::string id = fixture.running();
  fixture.turns.back().append(textLog("two"));
  fixture.turns.back().append(textLog("three"));
  const auto bytesAfter = [&](const std::string& query, const Headers& headers) {
    const Response response = fixture.get("/" + id + "/stream" + query, headers);
    REQUIRE(response.status == 200);
    return readNow(*response.stream);
  };
  CHECK(bytesAfter("", {{"Last-Event-ID", "1"}}) == framesOf(fixture, id, 1));
  CHECK(bytesAfter("", {{"last-event-id", "2"}}) == framesOf(fixture, id, 2));
  CHECK(bytesAfter("", {{"LAST-EVENT-ID", "0"}}) == framesOf(fixture, id));
  CHECK(bytesAfter("?lastEventId=2", {}) == framesOf(fixture, id, 2));
  CHECK(bytesAfter("?lastEventId=2", {{"Last-Event-ID", "1"}}) == framesOf(fixture, id, 1));
  CHECK(bytesAfter("?lastEventId=nonsense", {{"Last-Event-ID", "1"}}) == framesOf(fixture, id, 1));
  CHECK(bytesAfter("?lastEventId=2", {{"Last-Event-ID", ""}}) == framesOf(fixture, id, 2));
  CHECK(bytesAfter("", {{"Last-Event-ID", "3"}}).empty());
}

TEST_CASE("a rejoin after the end of a round that is over is answered 204, and nothing else") {
  MountFixture fixture;
  const std::string id = fixture.thread();
  const Response response = fixture.join(id, {{"Last-Event-ID", "1"}});
  CHECK(response.status == 204);
  CHECK(response.body.empty());
  CHECK(response.stream == nullptr);
  CHECK(headerOf(response, "Content-Type").empty());
  CHECK(fixture.join(id, {{"Last-Event-ID", "0"}}).status == 200);
  CHECK(fixture.join(id).status == 200);
}

TEST_CASE("the document is served as it is made") {
  MountFixture fixture;
  const Response response = fixture.get("/openapi.json");
  CHECK(response.status == 200);
  CHECK(response.body == fixture.mount->openApi());
  CHECK(jsonOf(response)["paths"].contains("/api/chatbot/threads"));
}

TEST_CASE("the endpoints stand where the host mounts them, and nowhere else") {
  struct Row {
    const char* prefix;
    const char* path;
  };
  for (const Row& row :
       {Row{"/v1/chat", "/v1/chat"}, Row{"/v1/chat/", "/v1/chat"}, Row{"v1//chat///", "/v1//chat"},
        Row{"", ""}, Row{"/", ""}, Row{"/caf%C3%A9", "/caf%c3%a9"}, Row{"/a+b", "/a%2Bb"}}) {
    CAPTURE(row.prefix);
    MountFixture fixture({}, {.prefix = row.prefix});
    fixture.prefix = row.path;
    CHECK(fixture.get("/threads").status == 200);
    CHECK(fixture.start().status == 200);
    CHECK(fixture.get("/threads/").status == 404);
    CHECK(fixture.serve("GET", "/api/chatbot/threads").status == 404);
    CHECK(fixture.serve("GET", "/x" + fixture.prefix + "/threads").status == 404);
    const Json paths = jsonOf(fixture.get("/openapi.json"))["paths"];
    for (const auto& [path, operations] : paths.items()) {
      CHECK(path.starts_with('/'));
      CHECK(path.find("//s") == std::string::npos);
    }
  }
}

TEST_CASE("a prefix is matched by whole segments") {
  MountFixture fixture;
  CHECK(fixture.serve("GET", "/api/chatbots/threads").status == 404);
  CHECK(fixture.serve("GET", "/api/threads").status == 404);
  CHECK(fixture.serve("GET", "/threads").status == 404);
  CHECK(fixture.serve("GET", "//api/chatbot/threads").status == 404);
}

TEST_CASE("paths and queries are decoded") {
  MountFixture fixture;
  const std::string id = fixture.thread("two words");
  fixture.thread("another");
  CHECK(fixture.serve("GET", "/%61pi/chatb%6ft/thread%73").status == 200);
  CHECK(fixture.serve("GET", "/api/chatbot/" + encoded(id) + "/stream").status == 200);
  CHECK(fixture.get("/threads?%77orkflowId=" + encoded(id)).status == 200);
  CHECK(fixture.get("/threads?unknown=1&workflowId=" + id + "#part").status == 200);
  const Json found =
      jsonOf(fixture.get("/threads?pagination=%7B%22filters%22:{%22search%22:%22two+words%22}}"));
  CHECK(idsOf(found) == std::vector<std::string>{id});
}

TEST_CASE("any number of threads may serve at once") {
  MountFixture fixture({}, {.rateLimit = 0});
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 15; ++j) {
        const Response started = fixture.start();
        const Response listed = fixture.get("/threads");
        good += started.status == 200 && listed.status == 200 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 60);
  CHECK(fixture.engine->listAll(fixture.caller).size() == 60);
}
