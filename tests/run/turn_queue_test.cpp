#include <doctest/doctest.h>
#include <poll.h>

#include <future>
#include <mutex>
#include <set>

#include "chatbot/run.h"
#include "run/rounds.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::test;

namespace {

bool readable(TurnQueue& queue) {
  pollfd entry{.fd = queue.pollable(), .events = POLLIN, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

struct QueueFixture : StoreFixture {
  std::string add(const std::string& prompt = "x") {
    const Workflow workflow = begin(user("ann"), prompt);
    rounds->run(rounds->reserve(), Scope::ofMandate("m1"),
                {.workflowId = workflow.id,
                 .round = 1,
                 .messageId = "",
                 .userId = "ann",
                 .mandateId = "m1",
                 .prompt = prompt,
                 .userLanguage = "en",
                 .listFileId = {}},
                queue);
    return workflow.id;
  }

  std::shared_ptr<StreamHub> hub = std::make_shared<StreamHub>(store, environment, StreamOptions{});
  std::shared_ptr<Rounds> rounds =
      std::make_shared<Rounds>(store, hub, environment, nullptr, RoundOptions{});
  TurnQueue queue;
};

}  // namespace

TEST_CASE("turns are taken in the order in which they came") {
  QueueFixture fixture;
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
  fixture.add("one");
  fixture.add("two");
  CHECK(fixture.queue.take(Timeout(0))->input().prompt == "one");
  CHECK(fixture.queue.take(kForever)->input().prompt == "two");
  CHECK_FALSE(fixture.queue.take(Timeout(0)));
}

TEST_CASE("a waiting taker is woken by a turn, and by stop") {
  QueueFixture fixture;
  auto taker = std::async(std::launch::async, [&] { return fixture.queue.take(kForever); });
  fixture.add("now");
  CHECK(taker.get()->input().prompt == "now");
  auto another = std::async(std::launch::async, [&] { return fixture.queue.take(kForever); });
  fixture.queue.stop();
  CHECK_FALSE(another.get());
  CHECK(fixture.queue.stopped());
}

TEST_CASE("several takers share the work: each turn goes to one of them") {
  QueueFixture fixture;
  constexpr std::size_t kTurns = 60;
  std::mutex mutex;
  std::multiset<std::string> taken;
  std::vector<std::future<void>> takers;
  for (int i = 0; i < 4; ++i) {
    takers.push_back(std::async(std::launch::async, [&] {
      while (std::optional<Turn> turn = fixture.queue.take(kForever)) {
        turn->complete();
        const std::lock_guard lock(mutex);
        taken.insert(turn->input().workflowId);
        if (taken.size() == kTurns) fixture.queue.stop();
      }
    }));
  }
  std::multiset<std::string> added;
  for (std::size_t i = 0; i < kTurns; ++i) added.insert(fixture.add());
  for (std::future<void>& taker : takers) taker.get();
  CHECK(taken == added);
}

TEST_CASE("the descriptor is readable while a turn waits, and after stop") {
  QueueFixture fixture;
  CHECK_FALSE(readable(fixture.queue));
  fixture.add();
  fixture.add();
  CHECK(readable(fixture.queue));
  fixture.queue.take(Timeout(0));
  CHECK(readable(fixture.queue));
  fixture.queue.take(Timeout(0));
  CHECK_FALSE(readable(fixture.queue));
  fixture.queue.stop();
  CHECK(readable(fixture.queue));
}

TEST_CASE("turns that nobody took, and those that come after stop, end as failed") {
  QueueFixture fixture;
  const std::string waiting = fixture.add();
  fixture.queue.stop();
  const std::string late = fixture.add();
  CHECK(fixture.store->find(Scope::system(), waiting)->status == WorkflowStatus::error);
  CHECK(fixture.store->find(Scope::system(), late)->status == WorkflowStatus::error);
}
