#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>

#include "chatbot/run.h"
#include "run/rounds_fixture.h"
#include "support/fixtures.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

// Runs prompts through a built-in responder and waits for what it appends.
struct ResponderFixture : RoundsFixture {
  explicit ResponderFixture(
      std::shared_ptr<Responder> (*make)(std::shared_ptr<Environment>) = makeScriptResponder)
      : RoundsFixture(run::RoundLimitOptions{}), responder(make(environment)) {
    store->onChange([this](const Change&) {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    });
  }
  ~ResponderFixture() { responder->stop(); }

  std::string run(const std::string& prompt) {
    const Workflow workflow = StoreFixture::begin(user("ann"), prompt);
    give(workflow, prompt, *responder);
    return workflow.id;
  }

  Tail tail(const std::string& id) {
    return store->tail(Scope::system(), id, 0, 1000, 100'000'000).value();
  }

  template <typename Condition>
  Tail waitFor(const std::string& id, const Condition& condition) {
    std::unique_lock lock(mutex);
    const auto holds = [&] { return condition(tail(id)); };
    REQUIRE(changed.wait_for(lock, 20s, holds));
    return tail(id);
  }

  Tail waitForEnd(const std::string& id) {
    return waitFor(
        id, [](const Tail& tail) { return tail.workflow.status != WorkflowStatus::running; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<Responder> responder;
};

}  // namespace

TEST_CASE("a script's round: the prompt, its logs, chunks, last message and one stat") {
  ResponderFixture fixture;
  const Tail tail =
      fixture.waitForEnd(fixture.run("#bench {\"chunks\": 3, \"chunkBytes\": 8, \"logs\": 1}"));
  CHECK(tail.workflow.status == WorkflowStatus::completed);
  REQUIRE(tail.items.size() == 7);
  CHECK(tail.items[1].json.starts_with("{\"type\":\"log\""));
  CHECK(tail.items[5].json.find("\"status\":\"last\"") != std::string::npos);
  CHECK(tail.items[6].json.starts_with("{\"type\":\"stat\""));
  CHECK(tail.items[6].json.find("\"bytesReceived\":24") != std::string::npos);
}

TEST_CASE("a script that fails ends its round as an error after its chunks") {
  ResponderFixture fixture;
  const Tail tail =
      fixture.waitForEnd(fixture.run("#bench {\"chunks\": 2, \"logs\": 0, \"fail\": true}"));
  CHECK(tail.workflow.status == WorkflowStatus::error);
  REQUIRE(tail.items.size() == 4);
  CHECK(tail.items[3].json.starts_with("{\"type\":\"log\""));
}

TEST_CASE("a line that does not fit fails its round, and says why") {
  ResponderFixture fixture;
  const Tail tail = fixture.waitForEnd(fixture.run("#bench {\"chunks\": \"many\"}"));
  CHECK(tail.workflow.status == WorkflowStatus::error);
  CHECK(textOf(tail.items.back()).find("chunks") != std::string::npos);
}

TEST_CASE("steps come at their times by the injected clock") {
  ResponderFixture fixture;
  const std::string id =
      fixture.run("#bench {\"chunks\": 2, \"delayMs\": 1000, \"startDelayMs\": 5000, \"logs\": 1}");
  CHECK(fixture.tail(id).items.size() == 1);
  fixture.environment->advance(5s);
  fixture.waitFor(id, [](const Tail& tail) { return tail.items.size() == 3; });
  CHECK(fixture.tail(id).workflow.status == WorkflowStatus::running);
  fixture.environment->advance(1s);
  CHECK(fixture.waitForEnd(id).items.size() == 6);
}

TEST_CASE("after a stop nothing more is appended") {
  ResponderFixture fixture;
  const std::string id = fixture.run("#bench {\"chunks\": 5, \"delayMs\": 1000, \"logs\": 0}");
  fixture.waitFor(id, [](const Tail& tail) { return tail.items.size() == 2; });
  fixture.store->stop(Scope::system(), {id, 1});
  fixture.cancel(id);
  fixture.environment->advance(60s);
  const std::string other = fixture.run("#bench {\"chunks\": 0, \"logs\": 0}");
  fixture.waitForEnd(other);  // it was scheduled behind the stopped one
  CHECK(fixture.tail(id).items.size() == 2);
  CHECK(fixture.tail(id).workflow.status == WorkflowStatus::stopped);
}

TEST_CASE("many rounds at once share one thread, and all end") {
  ResponderFixture fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(fixture.run("#bench {\"chunks\": 2}"));
  for (const std::string& id : ids) {
    CHECK(fixture.waitForEnd(id).workflow.status == WorkflowStatus::completed);
  }
}

TEST_CASE("stop lets go of the turns that are left: their rounds end as failed") {
  ResponderFixture fixture;
  const std::string id = fixture.run("#bench {\"startDelayMs\": 60000}");
  fixture.responder->stop();
  CHECK(fixture.tail(id).workflow.status == WorkflowStatus::error);
  const std::string late = fixture.run("hello");
  CHECK(fixture.tail(late).workflow.status == WorkflowStatus::error);
}

TEST_CASE("the echo answers with the prompt") {
  ResponderFixture fixture(makeEchoResponder);
  const std::string id = fixture.run("hello, hello, is anybody there?");
  fixture.environment->advance(60s);
  const Tail tail = fixture.waitForEnd(id);
  CHECK(tail.workflow.status == WorkflowStatus::completed);
  CHECK(textOf(tail.items[tail.items.size() - 2]) == "hello, hello, is anybody there?");
}
