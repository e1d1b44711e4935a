// Faults below the mount: the database is damaged, locked or full.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include "http/mount_fixture.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

// Another program at the engine's database.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
    REQUIRE(sqlite3_busy_timeout(database_, 5000) == SQLITE_OK);
  }
  ~OtherProgram() { sqlite3_close(database_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  void run(const char* sql) {
    CAPTURE(sql);
    REQUIRE(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* database_ = nullptr;
};

struct FaultFixture : MountFixture {
  using MountFixture::MountFixture;

  // Checks that the answer shows an id and nothing else of the fault, and that the log has the
  // fault's text with that id.
  void checkFault(const Response& response, const std::string& text) {
    CHECK(response.status == 500);
    const std::string detail = jsonOf(response).at("detail");
    const std::string begin = "Internal error ";
    REQUIRE(detail.starts_with(begin));
    const std::string id = detail.substr(begin.size());
    CHECK(isId(id));
    CHECK(response.body == "{\"detail\":\"Internal error " + id + "\"}");
    CHECK(textInLog(id) == text);
  }

  std::string textInLog(const std::string& id) {
    for (const LogLine& line : log) {
      if (line.fields.value("fault", "") != id) continue;
      CHECK(line.level == LogLevel::error);
      CHECK(line.message == "a request has failed");
      return line.fields.at("text");
    }
    return "no such fault";
  }

  bool logs(const std::string& text) {
    for (const LogLine& line : log) {
      if (line.fields.dump().find(text) != std::string::npos) return true;
    }
    return false;
  }
};

constexpr const char* kFailed = "The store has failed";

// Every write of the kind fails, with a text that no client may see.
std::string triggerOn(const std::string& write) {
  return "CREATE TRIGGER damage BEFORE " + write +
         " BEGIN SELECT raise(ABORT, 'secret of the store'); END";
}

}  // namespace

TEST_CASE("500: a start that the store cannot write leaves nothing behind") {
  FaultFixture fixture;
  const std::string ended = fixture.thread();
  const std::string before = fixture.everything();
  OtherProgram(fixture.path).run(triggerOn("INSERT ON item").c_str());
  fixture.checkFault(fixture.start(), kFailed);
  fixture.checkFault(fixture.start("again", "?workflowId=" + ended), kFailed);
  CHECK(fixture.everything() == before);
  CHECK_FALSE(fixture.turn());
  CHECK(fixture.logs("secret of the store"));

  OtherProgram(fixture.path).run("DROP TRIGGER damage");
  CHECK(fixture.start("again", "?workflowId=" + ended).status == 200);
  CHECK(fixture.turn().value().input().round == 2);
}

TEST_CASE("500: a start that fails gives its place among rounds and streams back") {
  EngineOptions options;
  options.maxRounds = 1;
  options.streams.maxStreams = 1;
  FaultFixture fixture(std::move(options));
  OtherProgram(fixture.path).run(triggerOn("INSERT ON item").c_str());
  for (int i = 0; i < 3; ++i) fixture.checkFault(fixture.start(), kFailed);
  OtherProgram(fixture.path).run("DROP TRIGGER damage");
  CHECK(fixture.start().status == 200);
}

TEST_CASE("500: a change that fails changes nothing, and the round goes on") {
  FaultFixture fixture;
  const Response started = fixture.start();
  Turn turn = fixture.turn().value();
  const std::string id = turn.input().workflowId;
  const std::string before = fixture.everything();
  OtherProgram other(fixture.path);
  other.run(triggerOn("UPDATE ON workflow").c_str());
  fixture.checkFault(fixture.stop(id), kFailed);
  fixture.checkFault(fixture.rename(id, "x"), kFailed);
  other.run("DROP TRIGGER damage");
  other.run(triggerOn("DELETE ON item").c_str());
  fixture.checkFault(fixture.remove(id), kFailed);

  CHECK(fixture.everything() == before);
  CHECK_FALSE(turn.cancelled());
  CHECK(turn.append(textLog("still there")));
  CHECK(readNow(*started.stream).find("still there") != std::string::npos);
  CHECK_FALSE(hasEnded(*started.stream));
}

TEST_CASE("500: a table that is gone") {
  FaultFixture fixture;
  const std::string id = fixture.thread();
  OtherProgram other(fixture.path);
  other.run("DROP TABLE item");
  fixture.checkFault(fixture.detail(id), kFailed);
  CHECK(fixture.logs("no such table: item"));
  CHECK(fixture.get("/threads").status == 200);
  other.run("DROP TABLE workflow");
  fixture.checkFault(fixture.get("/threads"), kFailed);
  fixture.checkFault(fixture.page(R"({"page": 1})"), kFailed);
  fixture.checkFault(fixture.join(id), kFailed);
  CHECK(fixture.get("/openapi.json").status == 200);
}

TEST_CASE("500: a row that makes no sense is a fault, not an answer") {
  FaultFixture fixture;
  const std::string id = fixture.thread();
  OtherProgram(fixture.path).run("UPDATE workflow SET status = 'secret'");
  fixture.checkFault(fixture.get("/threads"), "unknown workflow status");
  fixture.checkFault(fixture.detail(id), "unknown workflow status");
}

TEST_CASE("500: each fault has its own id, and without a log it is answered all the same") {
  EngineOptions options;
  DatabaseFolder folder;
  options.store.path = folder.database();
  options.environment = std::make_shared<ManualEnvironment>();
  Mount mount(Engine::open(std::move(options)));
  OtherProgram(folder.database()).run("DROP TABLE workflow");
  const auto list = [&] {
    return mount.serve(
        {.method = "GET", .target = "/api/chatbot/threads", .headers = {}, .body = {}},
        user("ann"));
  };
  const Response first = list();
  CHECK(first.status == 500);
  CHECK(first.body != list().body);
}

TEST_CASE("503: a store that is full takes nothing more, and still reads and deletes") {
  EngineOptions options;
  options.store.maxBytes = 400 * 1024;
  FaultFixture fixture(std::move(options), {.rateLimit = 0});
  const std::string kept = fixture.thread("kept");
  const std::string large(40'000, 'x');
  Response last = fixture.start(large);
  std::string before;
  for (int i = 0; i < 100 && last.status == 200; ++i) {
    before = fixture.everything();
    last = fixture.start(large);
  }
  CHECK(last.status == 503);
  CHECK(jsonOf(last).at("detail") == "The store is full");
  CHECK(headerOf(last, "Retry-After") == "60");
  CHECK(fixture.everything() == before);
  CHECK(fixture.detail(kept).status == 200);
  CHECK(fixture.get("/threads").status == 200);
  for (const Workflow& workflow : fixture.engine->listAll(fixture.caller)) {
    if (workflow.id != kept) CHECK(fixture.remove(workflow.id).status == 200);
  }
  CHECK(fixture.start(large).status == 200);
}

TEST_CASE("503: a store that another program has locked, until it lets go") {
  EngineOptions options;
  options.store.busyTimeout = std::chrono::milliseconds(0);
  FaultFixture fixture(std::move(options));
  const std::string id = fixture.running();
  const std::string before = fixture.everything();
  OtherProgram other(fixture.path);
  other.run("BEGIN IMMEDIATE");
  for (const Response& response :
       {fixture.start(), fixture.stop(id), fixture.remove(id), fixture.rename(id, "x")}) {
    CHECK(response.status == 503);
    CHECK(jsonOf(response).at("detail") == "The store is busy");
    CHECK(headerOf(response, "Retry-After") == "1");
  }
  CHECK(fixture.everything() == before);
  CHECK_FALSE(fixture.turns.back().cancelled());
  other.run("ROLLBACK");
  CHECK(fixture.stop(id).status == 200);
}
