// Four threads append, one reads, and waits in every way that a host may: nothing is lost, and no
// wake-up is missed.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "support.h"
#include "support/often.h"

namespace {

using namespace capi_test;

constexpr std::size_t kProducers = 4;
const std::int64_t kItems =
    chatbot::test::often<std::int64_t>(300, 2'000);  // of each, the prompt included

// Streams of rounds that are answered by a thread each.
class Producers {
 public:
  explicit Producers(std::size_t batch) : batch_(batch) {
    for (std::size_t i = 0; i < kProducers; ++i) {
      started_.push_back(bench_.start());
      turns_.push_back(bench_.take());
    }
    for (const Turn& turn : turns_) {
      threads_.emplace_back([&turn] {
        for (std::int64_t i = 1; i < kItems; ++i) append(turn, "Item");
        finish(turn);
      });
    }
  }

  // Also when the test has failed: the readers' end is not theirs.
  ~Producers() {
    for (std::thread& thread : threads_) thread.join();
  }

  const Bench& bench() const { return bench_; }
  const Stream& stream(std::size_t index) const { return started_[index].stream; }
  bool isOver(std::size_t index) const { return over_[index]; }
  bool areOver() const { return ended_ == kProducers; }

  int pollable(std::size_t index) const {
    intptr_t handle = -1;
    REQUIRE(chatbot_stream_pollable(stream(index).get(), &handle, nullptr) == CHATBOT_OK);
    return static_cast<int>(handle);
  }

  // A batch of a stream that was said to be ready.
  void readReady(std::size_t index) { REQUIRE(read(index) > 0); }

  // How many reads of a batch have found something.
  std::size_t read(std::size_t index) {
    for (std::size_t done = 0; done < batch_; ++done) {
      const Next event = next(stream(index), 0);
      if (event.status == CHATBOT_WOULD_BLOCK) return done;
      if (event.status == CHATBOT_END) {
        REQUIRE(seen_[index] == kItems);
        over_[index] = true;
        ++ended_;
        return done + 1;
      }
      REQUIRE(event.status == CHATBOT_OK);
      REQUIRE(event.place == ++seen_[index]);
    }
    return batch_;
  }

 private:
  const std::size_t batch_;
  Bench bench_;
  std::vector<Started> started_;
  std::vector<Turn> turns_;
  std::vector<std::thread> threads_;
  std::array<std::int64_t, kProducers> seen_{};
  std::array<bool, kProducers> over_{};
  std::size_t ended_ = 0;
};

// The streams' descriptors in an epoll set.
class Epoll {
 public:
  Epoll(const Producers& producers, std::uint32_t flags) : handle_(epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < kProducers; ++i) {
      epoll_event event{};
      event.events = EPOLLIN | flags;
      event.data.u64 = i;
      REQUIRE(epoll_ctl(handle_, EPOLL_CTL_ADD, producers.pollable(i), &event) == 0);
    }
  }
  ~Epoll() { close(handle_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  std::vector<std::size_t> wait() const {
    std::array<epoll_event, kProducers> events{};
    const int count = epoll_wait(handle_, events.data(), kProducers, kSoonMs);
    REQUIRE(count > 0);
    std::vector<std::size_t> ready;
    for (int i = 0; i < count; ++i)
      ready.push_back(std::uint64_t{events[static_cast<std::size_t>(i)].data.u64});
    return ready;
  }

  void remove(int descriptor) const {
    REQUIRE(epoll_ctl(handle_, EPOLL_CTL_DEL, descriptor, nullptr) == 0);
  }

 private:
  const int handle_;
};

void readByPoll(Producers& producers) {
  std::array<pollfd, kProducers> entries{};
  for (std::size_t i = 0; i < kProducers; ++i) entries[i] = {producers.pollable(i), POLLIN, 0};
  while (!producers.areOver()) {
    REQUIRE(poll(entries.data(), entries.size(), kSoonMs) > 0);
    for (std::size_t i = 0; i < kProducers; ++i) {
      if (entries[i].revents != 0) producers.readReady(i);
      if (producers.isOver(i)) entries[i] = {-1, 0, 0};
    }
  }
}

void readByLevels(Producers& producers) {
  const Epoll epoll(producers, 0);
  while (!producers.areOver()) {
    for (const std::size_t index : epoll.wait()) {
      producers.readReady(index);
      if (producers.isOver(index)) epoll.remove(producers.pollable(index));
    }
  }
}

// An edge is told once: its reader reads until nothing is left.
void readByEdges(Producers& producers) {
  const Epoll epoll(producers, EPOLLET);
  while (!producers.areOver()) {
    for (const std::size_t index : epoll.wait()) {
      while (!producers.isOver(index) && producers.read(index) > 0) {
      }
    }
  }
}

WaitSet setOf(const Producers& producers) {
  WaitSet set;
  REQUIRE(chatbot_waitset_new(producers.bench().engine.get(), Out(set), nullptr) == CHATBOT_OK);
  for (std::size_t i = 0; i < kProducers; ++i) {
    REQUIRE(chatbot_waitset_add(set.get(), producers.stream(i).get(), i, nullptr) == CHATBOT_OK);
  }
  return set;
}

// One wait, with less room than there are streams. One that has lasted its whole time has missed
// its wake-up, though it then looks once more.
void readOnce(Producers& producers, const WaitSet& set, std::int64_t timeoutMs) {
  const auto started = std::chrono::steady_clock::now();
  const std::vector<std::uint64_t> tokens = wait(set, timeoutMs, kProducers - 1);
  REQUIRE(!tokens.empty());
  REQUIRE(std::chrono::steady_clock::now() - started < std::chrono::milliseconds(kSoonMs));
  for (const std::uint64_t index : tokens) {
    producers.readReady(index);
    if (producers.isOver(index)) chatbot_waitset_remove(set.get(), producers.stream(index).get());
  }
}

void readByWaitSet(Producers& producers) {
  const WaitSet set = setOf(producers);
  while (!producers.areOver()) readOnce(producers, set, kSoonMs);
}

void readBySetsDescriptor(Producers& producers) {
  const WaitSet set = setOf(producers);
  intptr_t handle = -1;
  REQUIRE(chatbot_waitset_pollable(set.get(), &handle, nullptr) == CHATBOT_OK);
  while (!producers.areOver()) {
    REQUIRE(isReadable(handle, kSoonMs));
    readOnce(producers, set, 0);
  }
  CHECK(!isReadable(handle));
}

// Callbacks that say which streams are due.
class Callbacks {
 public:
  explicit Callbacks(const Producers& producers) : producers_(producers) {
    for (std::size_t i = 0; i < kProducers; ++i) {
      calls_[i] = {this, i};
      REQUIRE(chatbot_stream_set_notify(producers.stream(i).get(), Call::run, &calls_[i],
                                        nullptr) == CHATBOT_OK);
    }
  }
  ~Callbacks() {
    for (std::size_t i = 0; i < kProducers; ++i) {
      chatbot_stream_set_notify(producers_.stream(i).get(), nullptr, nullptr, nullptr);
    }
  }
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  std::vector<std::size_t> wait() {
    std::unique_lock lock(mutex_);
    REQUIRE(
        called_.wait_for(lock, std::chrono::milliseconds(kSoonMs), [&] { return !due_.empty(); }));
    return std::exchange(due_, {});
  }

 private:
  struct Call {
    Callbacks* callbacks;
    std::size_t index;
    static void run(void* data) {
      const Call& call = *static_cast<Call*>(data);
      const std::lock_guard lock(call.callbacks->mutex_);
      call.callbacks->due_.push_back(call.index);
      call.callbacks->called_.notify_one();
    }
  };

  const Producers& producers_;
  std::array<Call, kProducers> calls_{};
  std::mutex mutex_;
  std::condition_variable called_;
  std::vector<std::size_t> due_;
};

// Called once each time that a stream becomes ready: its reader reads until nothing is left.
void readByCallbacks(Producers& producers) {
  Callbacks callbacks(producers);
  while (!producers.areOver()) {
    for (const std::size_t index : callbacks.wait()) {
      while (!producers.isOver(index) && producers.read(index) > 0) {
      }
    }
  }
}

void check(void (*readAll)(Producers&)) {
  for (const std::size_t batch : {1U, 16U, 256U}) {
    CAPTURE(batch);
    Producers producers(batch);
    readAll(producers);
  }
}

TEST_CASE("four producers, read by poll") { check(readByPoll); }

TEST_CASE("four producers, read by epoll, level-triggered") { check(readByLevels); }

TEST_CASE("four producers, read by epoll, edge-triggered") { check(readByEdges); }

TEST_CASE("four producers, read by a wait set") { check(readByWaitSet); }

TEST_CASE("four producers, read by a wait set's descriptor") { check(readBySetsDescriptor); }

TEST_CASE("four producers, read by callbacks") { check(readByCallbacks); }

}  // namespace
