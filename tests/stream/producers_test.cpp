// Four producers at full speed: no item is lost and no wake-up is missed, however a reader waits.
#include <doctest/doctest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "stream/stream_fixture.h"
#include "support/often.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

// A wake-up that is missed fails the test by this.
constexpr int kTooLongMs = 20'000;

constexpr std::int64_t kProducers = 4;

struct Load {
  std::int64_t itemsPerProducer;
  std::size_t append;  // items of one append
  std::size_t read;    // reads after a wait, at most
};

// Four workflows that are appended to, each followed by one stream.
struct ProducersFixture : StreamFixture {
  explicit ProducersFixture(const Load& theLoad) : load(theLoad) {
    for (std::int64_t i = 0; i < kProducers; ++i) {
      workflows.push_back(begin());
      streams.push_back(open(workflows.back()));
    }
  }

  ~ProducersFixture() {
    for (std::thread& producer : producers) producer.join();
  }

  void produce() {
    for (const Workflow& workflow : workflows) {
      producers.emplace_back([this, workflow] {
        const std::vector<ItemContent> batch(load.append, textLog("item"));
        for (std::int64_t done = 0; done < load.itemsPerProducer;
             done += static_cast<std::int64_t>(batch.size())) {
          store->append(Scope::system(), {workflow.id, 1}, batch);
        }
        store->endRound(Scope::system(), {workflow.id, 1}, WorkflowStatus::completed, {});
      });
    }
  }

  // Reads a few events of a stream. False when there was none.
  bool read(std::size_t index) {
    for (std::size_t i = 0; i < load.read; ++i) {
      const StreamEvent event = streams[index]->next(kTry);
      if (event.kind == StreamEvent::Kind::none) return i > 0;
      if (event.kind == StreamEvent::Kind::end) {
        ++ended;
        over[index] = true;
        return false;
      }
      if (event.kind != StreamEvent::Kind::item) continue;
      REQUIRE(event.item->seq == ++seen[index]);
    }
    return true;
  }

  void checkAll() const {
    CHECK(ended == kProducers);
    for (const std::int64_t count : seen) CHECK(count == load.itemsPerProducer + 1);
  }

  const Load load;
  std::vector<Workflow> workflows;
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::thread> producers;
  std::array<std::int64_t, kProducers> seen{};
  std::array<bool, kProducers> over{};
  std::int64_t ended = 0;
};

// Descriptors of the streams in an epoll set, level- or edge-triggered.
class Epoll {
 public:
  Epoll() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Epoll() { close(descriptor_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  void add(int descriptor, std::uint64_t token, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = token;
    REQUIRE(epoll_ctl(descriptor_, EPOLL_CTL_ADD, descriptor, &event) == 0);
  }

  void remove(int descriptor) { epoll_ctl(descriptor_, EPOLL_CTL_DEL, descriptor, nullptr); }

  std::vector<std::uint64_t> wait() {
    std::array<epoll_event, kProducers> events{};
    const int count = epoll_wait(descriptor_, events.data(), events.size(), kTooLongMs);
    REQUIRE(count > 0);
    std::vector<std::uint64_t> tokens;
    for (int i = 0; i < count; ++i)
      tokens.push_back(std::uint64_t{events[static_cast<std::size_t>(i)].data.u64});
    return tokens;
  }

 private:
  int descriptor_;
};

void readByPoll(ProducersFixture& fixture) {
  while (fixture.ended < kProducers) {
    std::array<pollfd, kProducers> entries{};
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i] = {.fd = fixture.over[i] ? -1 : fixture.streams[i]->pollable(),
                    .events = POLLIN,
                    .revents = 0};
    }
    REQUIRE(poll(entries.data(), entries.size(), kTooLongMs) > 0);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].revents != 0) fixture.read(i);
    }
  }
}

void readByEpoll(ProducersFixture& fixture) {
  Epoll epoll;
  for (std::size_t i = 0; i < fixture.streams.size(); ++i) {
    epoll.add(fixture.streams[i]->pollable(), i, EPOLLIN);
  }
  while (fixture.ended < kProducers) {
    for (const std::uint64_t token : epoll.wait()) {
      if (!fixture.over[token]) fixture.read(token);
      if (fixture.over[token]) epoll.remove(fixture.streams[token]->pollable());
    }
  }
}

void readByEdges(ProducersFixture& fixture) {
  Epoll epoll;
  for (std::size_t i = 0; i < fixture.streams.size(); ++i) {
    epoll.add(fixture.streams[i]->pollable(), i, EPOLLIN | EPOLLET);
  }
  while (fixture.ended < kProducers) {
    for (const std::uint64_t token : epoll.wait()) {
      while (!fixture.over[token] && fixture.read(token)) {
      }
    }
  }
}

void readByWaitSet(ProducersFixture& fixture) {
  WaitSet set(systemEnvironment());
  for (std::size_t i = 0; i < fixture.streams.size(); ++i) set.add(*fixture.streams[i], i);
  while (fixture.ended < kProducers) {
    std::array<std::uint64_t, 2> tokens{};
    const Instant start = std::chrono::steady_clock::now();
    const WaitSet::Result result = set.wait(Timeout(kTooLongMs), tokens);
    REQUIRE(result.count > 0);
    // It looks again when its time is over: a wake-up that was missed shows as that.
    REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(kTooLongMs));
    for (std::size_t i = 0; i < result.count; ++i) {
      fixture.read(tokens[i]);
      if (fixture.over[tokens[i]]) set.remove(*fixture.streams[tokens[i]]);
    }
  }
}

void readByCallback(ProducersFixture& fixture) {
  std::mutex mutex;
  std::condition_variable called;
  std::array<bool, kProducers> due{};
  for (std::size_t i = 0; i < fixture.streams.size(); ++i) {
    fixture.streams[i]->onReady([&, i] {
      const std::lock_guard lock(mutex);
      due[i] = true;
      called.notify_one();
    });
  }
  while (fixture.ended < kProducers) {
    std::array<bool, kProducers> now{};
    {
      std::unique_lock lock(mutex);
      REQUIRE(called.wait_for(lock, std::chrono::milliseconds(kTooLongMs),
                              [&] { return due != std::array<bool, kProducers>{}; }));
      std::swap(now, due);
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
      while (now[i] && !fixture.over[i] && fixture.read(i)) {
      }
    }
  }
  for (const auto& stream : fixture.streams) stream->onReady(nullptr);
}

void check(const Load& load, void (*readAll)(ProducersFixture&)) {
  ProducersFixture fixture(load);
  fixture.produce();
  readAll(fixture);
  fixture.checkAll();
}

}  // namespace

// 40 appends of 256 items, or 391: 100,096.
const std::int64_t kMany = 256 * test::often(40, 391);

TEST_CASE("many items of each of four producers, edge-triggered, read in batches of 256") {
  check({.itemsPerProducer = kMany, .append = 256, .read = 256}, readByEdges);
}

TEST_CASE("many items of each of four producers, level-triggered, read in batches of 16") {
  check({.itemsPerProducer = kMany, .append = 256, .read = 16}, readByEpoll);
}

TEST_CASE("many items of each of four producers, in a wait set, read one by one") {
  check({.itemsPerProducer = kMany, .append = 256, .read = 1}, readByWaitSet);
}

TEST_CASE("appended one by one") {
  for (const auto readAll : {readByPoll, readByEpoll, readByEdges, readByWaitSet, readByCallback}) {
    check({.itemsPerProducer = test::often(300, 2'000), .append = 1, .read = 16}, readAll);
  }
}

TEST_CASE("appended in batches") {
  for (const auto readAll : {readByPoll, readByCallback}) {
    check({.itemsPerProducer = test::often(4'000, 20'000), .append = 16, .read = 16}, readAll);
  }
}
