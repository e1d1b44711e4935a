// Reading: pages of the list, and a thread with all its items.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/http.h"
#include "dataset.h"
#include "plain_sqlite.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr std::int64_t kWorkflowsOfUser = 1000;
constexpr const char* kFirstPage = R"({"page": 1, "pageSize": 20})";

// A database, opened by the library and beside it by plain SQLite.
class Database {
 public:
  explicit Database(const Shape& shape) : shape_(shape) {
    const std::string path = folder_.file("chatbot.sqlite");
    fill(*Store::open({.path = path}, systemEnvironment()), shape);
    EngineOptions options;
    options.store.path = path;
    engine_ = Engine::open(std::move(options));
    mount_ = std::make_unique<Mount>(engine_, MountOptions{.rateLimit = 0});
    plain_ = std::make_unique<PlainSqlite>(path);
  }

  // With 1,000 workflows for each user, all users in one mandate.
  static Database& ofWorkflows(std::int64_t count) {
    static std::map<std::int64_t, std::unique_ptr<Database>> made;
    std::unique_ptr<Database>& entry = made[count];
    if (!entry) {
      entry = std::make_unique<Database>(
          Shape{.workflows = count, .users = count / kWorkflowsOfUser, .mandates = 1, .items = 0});
    }
    return *entry;
  }

  // With one workflow of 1,000 items.
  static Database& ofOneThread() {
    static Database made({.workflows = 1, .items = 1000});
    return made;
  }

  Engine& engine() { return *engine_; }
  Mount& mount() { return *mount_; }
  PlainSqlite& plain() { return *plain_; }
  Identity caller(const char* role) const { return userOf(shape_, 0, role); }

 private:
  Shape shape_;
  TemporaryFolder folder_;
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Mount> mount_;
  std::unique_ptr<PlainSqlite> plain_;
};

Scope readScope(const Identity& caller) {
  return RuleSet::standard().scope(caller, kWorkflowTable, Operation::read);
}

void list(benchmark::State& state, const char* role) {
  Database& database = Database::ofWorkflows(state.range(0));
  const Identity caller = database.caller(role);
  for (auto _ : state) {
    const PageQuery query = PageQuery::parse(kFirstPage, workflowSchema());
    benchmark::DoNotOptimize(database.engine().list(caller, query));
  }
}

void serveList(benchmark::State& state, const char* role) {
  Database& database = Database::ofWorkflows(state.range(0));
  const Identity caller = database.caller(role);
  const Request request{.method = "GET",
                        .target = "/api/chatbot/threads?pagination=%7B%22pageSize%22%3A20%7D",
                        .headers = {},
                        .body = {}};
  for (auto _ : state) {
    const Response response = database.mount().serve(request, caller);
    if (response.status != 200) state.SkipWithError("not served");
  }
}

void plainList(benchmark::State& state, const char* role) {
  Database& database = Database::ofWorkflows(state.range(0));
  const SqlCondition allowed = readScope(database.caller(role)).condition();
  std::vector<SqlValue> values = {SqlValue(std::string(kChatbotMode))};
  values.insert(values.end(), allowed.values.begin(), allowed.values.end());
  PlainStatement begin(database.plain(), "BEGIN");
  PlainStatement count(
      database.plain(),
      fmt::format("SELECT count(*) FROM workflow WHERE workflowMode = ? AND {}", allowed.text));
  PlainStatement page(
      database.plain(),
      fmt::format("SELECT * FROM workflow WHERE workflowMode = ? AND {} ORDER BY {} LIMIT 20",
                  allowed.text, "lastActivity DESC, id"));
  PlainStatement commit(database.plain(), "COMMIT");
  for (auto _ : state) {
    begin.run();
    benchmark::DoNotOptimize(count.run(values) + page.run(values));
    commit.run();
  }
}

void onBothSizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("workflows")->Arg(10'000)->Arg(100'000)->UseRealTime();
}

BENCHMARK_CAPTURE(list, user, "user")->Apply(onBothSizes);
BENCHMARK_CAPTURE(list, admin, "admin")->Apply(onBothSizes);
BENCHMARK_CAPTURE(serveList, user, "user")->Apply(onBothSizes);
BENCHMARK_CAPTURE(serveList, admin, "admin")->Apply(onBothSizes);
BENCHMARK_CAPTURE(plainList, user, "user")->Apply(onBothSizes);
BENCHMARK_CAPTURE(plainList, admin, "admin")->Apply(onBothSizes);

void detail(benchmark::State& state) {
  Database& database = Database::ofOneThread();
  const Identity caller = database.caller("user");
  const std::string id = workflowOf({}, 0).workflow.id;
  for (auto _ : state) benchmark::DoNotOptimize(database.engine().detail(caller, id));
}
BENCHMARK(detail)->UseRealTime();

void serveDetail(benchmark::State& state) {
  Database& database = Database::ofOneThread();
  const Identity caller = database.caller("user");
  const std::string target = "/api/chatbot/threads?workflowId=" + workflowOf({}, 0).workflow.id;
  const Request request{.method = "GET", .target = target, .headers = {}, .body = {}};
  for (auto _ : state) {
    const Response response = database.mount().serve(request, caller);
    if (response.status != 200) state.SkipWithError("not served");
  }
}
BENCHMARK(serveDetail)->UseRealTime();

void plainDetail(benchmark::State& state) {
  Database& database = Database::ofOneThread();
  const std::array id = {SqlValue(workflowOf({}, 0).workflow.id)};
  PlainStatement begin(database.plain(), "BEGIN");
  PlainStatement workflow(database.plain(), "SELECT * FROM workflow WHERE id = ?");
  PlainStatement items(database.plain(),
                       "SELECT seq, round, json FROM item WHERE workflowId = ? ORDER BY seq");
  PlainStatement commit(database.plain(), "COMMIT");
  for (auto _ : state) {
    begin.run();
    benchmark::DoNotOptimize(workflow.run(id) + items.run(id));
    commit.run();
  }
}
BENCHMARK(plainDetail)->UseRealTime();

}  // namespace
}  // namespace chatbot::bench
