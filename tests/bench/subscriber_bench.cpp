// How soon and how often subscribers have what was appended, as server-sent events.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "chatbot/http.h"
#include "dataset.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr std::size_t kItemBytes = 400;
constexpr std::size_t kBufferBytes = 64 * 1024;

// A store whose changes wake streams, without an engine around it.
class OpenStreams {
 public:
  OpenStreams() {
    store_->onChange([this](const Change& change) {
      announcedAt_ = std::chrono::steady_clock::now();
      hub_.notify(change);
    });
  }

  RoundKey begin() {
    const StartRequest request{.caller = {.userId = "bench", .mandateId = {}, .roles = {}},
                               .first = messageOf(kItemBytes)};
    return {store_->start(Scope::system(), request).workflow.id, 1};
  }

  std::unique_ptr<SseStream> follow(const RoundKey& round) {
    return std::make_unique<SseStream>(hub_.open(hub_.reserve(userOf({}, 0)), Scope::system(),
                                                 round.workflowId, {}, [] { return true; }),
                                       true);
  }

  void append(const RoundKey& round) { store_->append(Scope::system(), round, item_); }

  // When the latest change was announced: it was committed then.
  Instant announcedAt() const { return announcedAt_; }

 private:
  TemporaryFolder folder_;
  std::shared_ptr<Environment> environment_ = systemEnvironment();
  std::shared_ptr<Store> store_ =
      Store::open({.path = folder_.file("chatbot.sqlite")}, environment_);
  StreamHub hub_{
      store_, environment_, {.lifetime = std::chrono::hours(24), .maxStreamsPerUser = 100'000}};
  std::array<ItemContent, 1> item_ = {messageOf(kItemBytes)};
  Instant announcedAt_;
};

// Reads what is there; the number of items.
std::int64_t drain(SseStream& stream) {
  static std::vector<char> buffer(kBufferBytes);
  std::int64_t items = 0;
  std::size_t written = 0;
  while (stream.read(Timeout::zero(), buffer.data(), buffer.size(), written) ==
         SseStream::Result::data) {
    items += std::count(buffer.data(), buffer.data() + written, '\n') / 3;
  }
  return items;
}

// Collects times and shows their median and 99th percentile in microseconds.
class Percentiles {
 public:
  void add(std::chrono::steady_clock::duration time) {
    micros_.push_back(std::chrono::duration<double, std::micro>(time).count());
  }

  void show(benchmark::State& state) {
    if (micros_.empty()) return;
    std::sort(micros_.begin(), micros_.end());
    state.counters["p50_us"] = micros_[micros_.size() / 2];
    state.counters["p99_us"] = micros_[micros_.size() * 99 / 100];
  }

 private:
  std::vector<double> micros_;
};

// A thread that waits for a descriptor, reads what it tells of and notes when it had it.
class Waiter {
 public:
  template <typename Read>
  Waiter(int descriptor, Read read)
      : thread_([this, descriptor, read] {
          while (!stopped_) {
            pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
            poll(&entry, 1, -1);
            read();
            hadAt_ = std::chrono::steady_clock::now();
            ++times_;
            times_.notify_one();
          }
        }) {}
  ~Waiter() { thread_.join(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Before the wake-up that ends it.
  void stop() { stopped_ = true; }

  Instant await(int times) {
    for (int seen = times_; seen < times; seen = times_) times_.wait(seen);
    return hadAt_;
  }

 private:
  std::atomic<bool> stopped_ = false;
  std::atomic<int> times_ = 0;
  Instant hadAt_;  // written before times_, read after it
  std::thread thread_;
};

// Keeps a processor busy for as long as a commit does: the waiting thread's one is idle meanwhile,
// and how deep it sleeps is most of what a wake-up takes.
constexpr std::chrono::microseconds kCommit{50};

void work(std::chrono::microseconds time) {
  const Instant end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// What no stream can be quicker than.
void bareWake(benchmark::State& state) {
  const int descriptor = eventfd(0, EFD_CLOEXEC);
  Percentiles times;
  {
    Waiter waiter(descriptor, [descriptor] {
      eventfd_t value = 0;
      eventfd_read(descriptor, &value);
    });
    int count = 0;
    for (auto _ : state) {
      work(kCommit);
      const Instant start = std::chrono::steady_clock::now();
      eventfd_write(descriptor, 1);
      const Instant end = waiter.await(++count);
      times.add(end - start);
      state.SetIterationTime(std::chrono::duration<double>(end - start).count());
    }
    waiter.stop();
    eventfd_write(descriptor, 1);
  }
  close(descriptor);
  times.show(state);
}
BENCHMARK(bareWake)->UseManualTime();

// From the announcement of a commit until a reader that polls has the bytes.
void commitUntilRead(benchmark::State& state) {
  OpenStreams streams;
  const RoundKey round = streams.begin();
  const std::unique_ptr<SseStream> stream = streams.follow(round);
  drain(*stream);
  Percentiles times;
  Waiter waiter(stream->pollable(), [&] { drain(*stream); });
  int count = 0;
  for (auto _ : state) {
    streams.append(round);
    const Instant end = waiter.await(++count);
    times.add(end - streams.announcedAt());
    state.SetIterationTime(std::chrono::duration<double>(end - streams.announcedAt()).count());
  }
  waiter.stop();
  streams.append(round);
  times.show(state);
}
BENCHMARK(commitUntilRead)->UseManualTime();

// One thread appends an item to a workflow and reads it for all that follow: `workflows` of them,
// in turn, each followed by `subscribers` streams, all in one wait set.
void deliver(benchmark::State& state) {
  OpenStreams streams;
  std::vector<RoundKey> rounds;
  std::vector<std::unique_ptr<SseStream>> readers;
  WaitSet set(systemEnvironment());
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    rounds.push_back(streams.begin());
    for (std::int64_t j = 0; j < state.range(1); ++j) {
      readers.push_back(streams.follow(rounds.back()));
      drain(*readers.back());
      set.add(readers.back()->events(), readers.size() - 1);
    }
  }
  std::vector<std::uint64_t> tokens(readers.size());
  std::int64_t delivered = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    streams.append(rounds[next]);
    next = (next + 1) % rounds.size();
    const std::size_t ready = set.wait(Timeout::zero(), tokens).count;
    for (std::size_t i = 0; i < ready; ++i) delivered += drain(*readers[tokens[i]]);
  }
  if (delivered != state.iterations() * state.range(1)) state.SkipWithError("items were lost");
  state.SetItemsProcessed(delivered);
}
BENCHMARK(deliver)
    ->UseRealTime()
    ->ArgNames({"workflows", "subscribers"})
    ->Args({1, 1})
    ->Args({1, 100})
    ->Args({1, 1000})
    ->Args({1000, 1});

}  // namespace
}  // namespace chatbot::bench
