#include "base/notifier.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>

#include "chatbot/error.h"

using namespace chatbot;
using namespace chatbot::base;

namespace {

// Counts its runs, and lets a test wait for one. Like all that a callback uses, it is declared
// before the notifier, which waits for its thread when it goes.
class Counter {
 public:
  Notifier::Callback callback() {
    return [this] {
      ++runs;
      runs.notify_all();
    };
  }

  void waitFor(int count) {
    for (int seen = runs; seen < count; seen = runs) runs.wait(seen);
  }

  std::atomic<int> runs = 0;
};

bool readable(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

// Takes the process's descriptors away while it lives. The sanitizers need some too: nothing but
// the code under test belongs in its scope.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a callback runs on another thread once it is raised") {
  Notifier::Entry entry;
  std::promise<std::thread::id> ran;
  Notifier notifier;
  notifier.set(entry, [&] { ran.set_value(std::this_thread::get_id()); });
  notifier.raise(entry);
  CHECK(ran.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("each raise is followed by a run") {
  Notifier::Entry entry;
  Counter counter;
  Notifier notifier;
  notifier.set(entry, counter.callback());
  for (int i = 1; i <= 100; ++i) {
    notifier.raise(entry);
    counter.waitFor(i);
  }
}

TEST_CASE("raises while a callback has yet to run are one") {
  Notifier::Entry blocker;
  Notifier::Entry entry;
  Counter counter;
  std::promise<void> running;
  std::promise<void> released;
  Notifier notifier;
  notifier.set(blocker, [&] {
    running.set_value();
    released.get_future().wait();
  });
  notifier.set(entry, counter.callback());
  notifier.raise(blocker);
  running.get_future().wait();
  for (int i = 0; i < 5; ++i) notifier.raise(entry);
  released.set_value();
  notifier.stop();
  CHECK(counter.runs == 1);
}

TEST_CASE("a raise during its own callback has it run again") {
  Notifier::Entry entry;
  std::atomic<int> runs = 0;
  Notifier notifier;
  notifier.set(entry, [&] {
    if (++runs == 1) notifier.raise(entry);
    runs.notify_all();
  });
  notifier.raise(entry);
  for (int seen = runs; seen < 2; seen = runs) runs.wait(seen);
  CHECK(runs == 2);
}

TEST_CASE("a callback that was taken back is not running and does not run") {
  Notifier::Entry first;
  Notifier::Entry second;
  Counter counter;
  std::promise<void> running;
  std::atomic<bool> ended = false;
  Notifier notifier;
  notifier.set(first, [&] {
    running.set_value();
    std::this_thread::yield();
    ended = true;
  });
  notifier.set(second, counter.callback());
  notifier.raise(first);
  notifier.raise(second);
  running.get_future().wait();
  notifier.set(second, nullptr);
  notifier.set(first, nullptr);
  CHECK(ended);
  const int runs = counter.runs;
  notifier.raise(first);
  notifier.raise(second);
  notifier.stop();
  CHECK(counter.runs == runs);
}

TEST_CASE("a callback may take back itself, with its entry") {
  std::promise<void> done;
  auto entry = std::make_unique<Notifier::Entry>();
  Notifier notifier;
  notifier.set(*entry, [&] {
    notifier.set(*entry, nullptr);
    entry.reset();
    done.set_value();
  });
  notifier.raise(*entry);
  done.get_future().wait();
  notifier.stop();
}

TEST_CASE("a callback may let go of the notifier itself") {
  auto notifier = std::make_unique<Notifier>();
  Notifier::Entry entry;
  // Shared: the thread is left to itself, and may still be in set_value() when the test has ended.
  const auto done = std::make_shared<std::promise<void>>();
  notifier->set(entry, [&, done] {
    notifier->set(entry, nullptr);
    notifier.reset();
    done->set_value();
  });
  notifier->raise(entry);
  done->get_future().wait();
  CHECK(notifier == nullptr);
}

TEST_CASE("what a callback holds is let go of when it is replaced") {
  Notifier::Entry entry;
  Notifier notifier;
  const auto held = std::make_shared<int>(1);
  notifier.set(entry, [held] {});
  CHECK(held.use_count() == 2);
  notifier.set(entry, nullptr);
  CHECK(held.use_count() == 1);
}

TEST_CASE("what is due when it stops still runs") {
  Notifier::Entry entry;
  Counter counter;
  Notifier notifier;
  notifier.set(entry, counter.callback());
  notifier.raise(entry);
  notifier.stop();
  CHECK(counter.runs == 1);
  notifier.raise(entry);
  CHECK(counter.runs == 1);
  CHECK_THROWS_AS(notifier.set(entry, counter.callback()), Error);
  notifier.set(entry, nullptr);
}

TEST_CASE("the descriptor is readable exactly while the level is set") {
  Pollable pollable;
  const int descriptor = pollable.descriptor();
  CHECK_FALSE(readable(descriptor));
  for (int i = 0; i < 3; ++i) {
    pollable.set(true);
    pollable.set(true);
    CHECK(readable(descriptor));
    CHECK(readable(descriptor));
    pollable.set(false);
    pollable.set(false);
    CHECK_FALSE(readable(descriptor));
  }
}

TEST_CASE("a descriptor that is asked for later shows the level as it is") {
  Pollable pollable;
  pollable.set(true);
  CHECK(readable(pollable.descriptor()));
}

TEST_CASE("the descriptor stays the same, is closed on exec and is no standard stream") {
  Pollable pollable;
  const int descriptor = pollable.descriptor();
  CHECK(pollable.descriptor() == descriptor);
  CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(descriptor > 2);
}

TEST_CASE("a process without descriptors left is told so, and may try again") {
  Pollable pollable;
  std::optional<Error> refusal;
  try {
    const NoDescriptors none;
    pollable.descriptor();
  } catch (const Error& error) {
    refusal = error;
  }
  REQUIRE(refusal);
  CHECK(refusal->code() == ErrorCode::unavailable);
  CHECK_NOTHROW(pollable.descriptor());
}
