// Appending to logs, and how soon a subscriber has what was appended.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "chatbot/engine.h"
#include "dataset.h"
#include "plain_sqlite.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr std::size_t kItemBytes = 400;

// A round that is running, with its first subscriber and the turn that appends to it.
struct RunningRound {
  Workflow workflow;
  std::unique_ptr<Stream> stream;
  Turn turn;
};

class OpenEngine {
 public:
  // Its database has the workflows of a shape.
  explicit OpenEngine(const Shape& shape = {}) {
    EngineOptions options;
    options.store.path = folder_.file("chatbot.sqlite");
    fill(*Store::open(options.store, systemEnvironment()), shape);
    options.streams.lifetime = std::chrono::hours(24);
    engine_ = Engine::open(std::move(options));
  }

  RunningRound start() {
    UserInput input;
    input.prompt = "benchmark";
    StartedRound started = engine_->start(userOf({}, 0), input);
    return {std::move(started.workflow), std::move(started.stream),
            *engine_->turns()->take(kForever)};
  }

 private:
  TemporaryFolder folder_;
  std::shared_ptr<Engine> engine_;
};

std::shared_ptr<const Item> nextItem(Stream& stream) {
  StreamEvent event = stream.next(kForever);
  while (event.kind == StreamEvent::Kind::keepalive) event = stream.next(kForever);
  return std::move(event.item);
}

void appendAndReadOnOneThread(benchmark::State& state) {
  OpenEngine engine;
  RunningRound round = engine.start();
  const ItemContent item = messageOf(kItemBytes);
  nextItem(*round.stream);
  for (auto _ : state) {
    round.turn.append(item);
    benchmark::DoNotOptimize(nextItem(*round.stream));
  }
}
BENCHMARK(appendAndReadOnOneThread)->UseRealTime();

// Waits for items on a thread of its own and notes when each came.
class Subscriber {
 public:
  explicit Subscriber(Stream& stream) : thread_([this, &stream] { read(stream); }) {}
  ~Subscriber() { thread_.join(); }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  Instant awaitItem(std::int64_t place) {
    std::int64_t seen = place_.load(std::memory_order_acquire);
    while (seen < place) {
      place_.wait(seen, std::memory_order_acquire);
      seen = place_.load(std::memory_order_acquire);
    }
    return cameAt_;
  }

 private:
  void read(Stream& stream) {
    while (const std::shared_ptr<const Item> item = nextItem(stream)) {
      cameAt_ = std::chrono::steady_clock::now();
      place_.store(item->seq, std::memory_order_release);
      place_.notify_one();
    }
  }

  std::atomic<std::int64_t> place_{0};
  Instant cameAt_;  // written before place_, read after it
  std::thread thread_;
};

void appendUntilSubscriberHasIt(benchmark::State& state) {
  OpenEngine engine;
  RunningRound round = engine.start();
  const ItemContent item = messageOf(kItemBytes);
  Subscriber subscriber(*round.stream);
  std::int64_t place = 1;
  subscriber.awaitItem(place);
  for (auto _ : state) {
    const Instant start = std::chrono::steady_clock::now();
    round.turn.append(item);
    const Instant end = subscriber.awaitItem(++place);
    state.SetIterationTime(std::chrono::duration<double>(end - start).count());
  }
  round.turn.complete();
}
BENCHMARK(appendUntilSubscriberHasIt)->UseManualTime();

// Each thread appends to its share of 64 workflows, in turn, `range` items at a time.
constexpr std::size_t kWorkflows = 64;

struct ManyRounds {
  explicit ManyRounds(const Shape& shape) : engine(shape) {}

  OpenEngine engine;
  std::vector<RunningRound> rounds;
};
std::unique_ptr<ManyRounds> manyRounds;

void startRounds(const Shape& shape) {
  manyRounds = std::make_unique<ManyRounds>(shape);
  while (manyRounds->rounds.size() < kWorkflows) {
    manyRounds->rounds.push_back(manyRounds->engine.start());
  }
}

void startAlone(const benchmark::State&) { startRounds({}); }

void startAmongOthers(const benchmark::State&) {
  startRounds({.workflows = 10'000, .users = 10, .mandates = 10});
}

void dropRounds(const benchmark::State&) { manyRounds.reset(); }

void appendToManyWorkflows(benchmark::State& state) {
  const std::vector<ItemContent> items(static_cast<std::size_t>(state.range(0)),
                                       messageOf(kItemBytes));
  const auto step = static_cast<std::size_t>(state.threads());
  auto index = static_cast<std::size_t>(state.thread_index());
  for (auto _ : state) {
    manyRounds->rounds[index].turn.append(items);
    index = (index + step) % kWorkflows;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(appendToManyWorkflows)
    ->Setup(startAlone)
    ->Teardown(dropRounds)
    ->UseRealTime()
    ->ArgName("batch")
    ->Args({1})
    ->Args({20})
    ->Threads(1)
    ->Threads(8)
    ->Threads(64);

// The rows of the indexes are apart.
void appendAmongManyWorkflows(benchmark::State& state) { appendToManyWorkflows(state); }
BENCHMARK(appendAmongManyWorkflows)
    ->Setup(startAmongOthers)
    ->Teardown(dropRounds)
    ->UseRealTime()
    ->ArgName("batch")
    ->Args({1})
    ->Threads(1)
    ->Threads(8);

// The statements of one append on plain SQLite.
void plainAppend(benchmark::State& state) {
  TemporaryFolder folder;
  const std::string path = folder.file("plain.sqlite");
  Import running = workflowOf({}, 0);
  running.workflow.status = WorkflowStatus::running;
  Store::open({.path = path}, systemEnvironment())->import(Scope::system(), std::array{running});

  PlainSqlite database(path);
  PlainStatement begin(database, "BEGIN IMMEDIATE");
  PlainStatement extend(database,
                        "UPDATE workflow SET lastSeq = lastSeq + ?, lastActivity = ? WHERE id = ? "
                        "AND currentRound = ? AND status = 'running' RETURNING lastSeq");
  PlainStatement insert(
      database, "INSERT INTO item (workflowId, seq, type, round, json) VALUES (?, ?, ?, ?, ?)");
  PlainStatement commit(database, "COMMIT");
  const std::string json =
      toJson(messageOf(kItemBytes), {.workflowId = running.workflow.id, .seq = 1, .round = 1});
  std::int64_t place = 0;
  for (auto _ : state) {
    begin.run();
    extend.run(std::array{SqlValue(std::int64_t{1}), SqlValue(1.0), SqlValue(running.workflow.id),
                          SqlValue(running.workflow.currentRound)});
    insert.run(std::array{SqlValue(running.workflow.id), SqlValue(++place),
                          SqlValue(std::string("message")), SqlValue(std::int64_t{1}),
                          SqlValue(json)});
    commit.run();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(plainAppend)->UseRealTime();

}  // namespace
}  // namespace chatbot::bench
