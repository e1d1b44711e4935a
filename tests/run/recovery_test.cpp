// Unowned rounds: their starts were refused though the store has taken them.
#include <doctest/doctest.h>

#include "run/rounds_fixture.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

struct RecoveryFixture : RoundsFixture {
  ~RecoveryFixture() { rounds->close(); }

  // As Maintenance does it, for so long.
  void recoverFor(std::chrono::seconds time) {
    for (auto passed = 0s; passed < time; passed += 1s) {
      rounds->recovery().recover();
      environment->advance(1s);
    }
  }

  WorkflowStatus statusOf(const std::string& id) {
    return store->find(Scope::system(), id).value().status;
  }

  std::string beginUnanswered() { return StoreFixture::begin(user("ann"), "hello").id; }
};

}  // namespace

TEST_CASE("a round that nobody answers is ended, one that is answered goes on") {
  RecoveryFixture fixture;
  const Turn turn = fixture.begin();
  const std::string unowned = fixture.beginUnanswered();
  fixture.rounds->recovery().expectUnowned();
  fixture.recoverFor(4s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::running);
  fixture.recoverFor(3s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::error);
  CHECK(fixture.statusOf(turn.input().workflowId) == WorkflowStatus::running);
}

TEST_CASE("a round that comes to the store late is ended, too") {
  RecoveryFixture fixture;
  fixture.rounds->recovery().expectUnowned();
  fixture.recoverFor(60s);
  const std::string unowned = fixture.beginUnanswered();
  fixture.recoverFor(8s);
  CHECK(fixture.statusOf(unowned) == WorkflowStatus::error);
}

TEST_CASE("where all outcomes are known, nothing is ended") {
  RecoveryFixture fixture;
  const std::string begun = fixture.beginUnanswered();
  fixture.recoverFor(30s);
  CHECK(fixture.statusOf(begun) == WorkflowStatus::running);
}
