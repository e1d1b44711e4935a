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

  // Gives a round that has begun in the store to the responder, in a slot of the user's.
  void give(const Workflow& workflow, const std::string& prompt, Responder& responder,
            const std::string& userId = "ann") {
    run::RoundSlot slot = rounds->reserve(user(userId));
    const run::RoundRegistry::StartUnderWay start(rounds->registry());
    give(start, std::move(slot), workflow, prompt, responder, userId);
  }

  void give(const run::RoundRegistry::StartUnderWay& start, run::RoundSlot slot,
            const Workflow& workflow, const std::string& prompt, Responder& responder,
            const std::string& userId = "ann") {
    rounds->run(start, std::move(slot), Scope::ofMandate("m1"),
                {.workflowId = workflow.id,
                 .round = workflow.currentRound,
                 .messageId = "m",
                 .userId = userId,
                 .mandateId = "m1",
                 .prompt = prompt,
                 .userLanguage = "en",
                 .listFileId = {}},
                responder);
  }

  Turn run(const Workflow& workflow, const std::string& prompt) {
    give(workflow, prompt, queue);
    return queue.take(Timeout(0)).value();
  }

  void cancel(const std::string& workflowId, std::int64_t round = 1) {
    rounds->registry().cancel({workflowId, round});
  }

  Tail tail(const Turn& turn) {
    return store->tail(Scope::system(), turn.input().workflowId, 0, 1000, 1'000'000).value();
  }

  const run::RoundLimitOptions limits;
  std::shared_ptr<FlakyStore> flaky = std::make_shared<FlakyStore>(store);
  std::shared_ptr<stream::Hub> hub =
      std::make_shared<stream::Hub>(flaky, environment, StreamOptions{});
  std::shared_ptr<base::Scheduler> scheduler = std::make_shared<base::Scheduler>(environment);
  std::shared_ptr<run::Rounds> rounds =
      std::make_shared<run::Rounds>(run::Rounds::Parts{.store = flaky,
                                                       .streams = hub,
                                                       .scheduler = scheduler,
                                                       .environment = environment,
                                                       .log = {}},
                                    run::RoundOptions{.limits = limits});
  TurnQueue queue;
};

}  // namespace chatbot::test
