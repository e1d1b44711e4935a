// Rounds over a store that can be made to fail, answered by hand.
#pragma once

#include <memory>
#include <string>

#include "chatbot/run.h"
#include "run/rounds.h"
#include "support/fixtures.h"
#include "support/flaky_store.h"

namespace chatbot::test {

struct RoundsFixture : StoreFixture {
  explicit RoundsFixture(const run::RoundLimitOptions& theLimits = {.maxRounds = 3})
      : limits(theLimits) {}

  Turn begin(const std::string& prompt = "hello") {
    const Workflow workflow = StoreFixture::begin(user("ann"), prompt);
    return run(workflow, prompt);
  }

  Turn run(const Workflow& workflow, const std::string& prompt) {
    rounds->run(rounds->reserve(user("ann")), Scope::ofMandate("m1"),
                {.workflowId = workflow.id,
                 .round = workflow.currentRound,
                 .messageId = "m",
                 .userId = "ann",
                 .mandateId = "m1",
                 .prompt = prompt,
                 .userLanguage = "en",
                 .listFileId = {}},
                queue);
    return queue.take(Timeout(0)).value();
  }

  Tail tail(const Turn& turn) {
    return store->tail(Scope::system(), turn.input().workflowId, 0, 1000, 1'000'000).value();
  }

  const run::RoundLimitOptions limits;
  std::shared_ptr<FlakyStore> flaky = std::make_shared<FlakyStore>(store);
  std::shared_ptr<stream::Hub> hub =
      std::make_shared<stream::Hub>(flaky, environment, StreamOptions{});
  std::shared_ptr<run::Rounds> rounds = std::make_shared<run::Rounds>(
      flaky, hub, environment, nullptr, run::RoundOptions{.limits = limits});
  TurnQueue queue;
};

}  // namespace chatbot::test
