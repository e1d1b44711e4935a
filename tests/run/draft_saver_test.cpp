#include "run/draft_saver.h"

#include <doctest/doctest.h>

#include <thread>

#include "support/fixtures.h"
#include "support/flaky_store.h"

using namespace chatbot;
using namespace chatbot::run;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

// A round with a draft of the text "written".
struct SaverFixture : StoreFixture {
  SaverFixture() {
    store->draftsFrom([](std::string_view id, store::DraftAccess) {
      store::Draft draft{.workflowId = std::string(id), .round = 1, .messageId = "m", .text = {}};
      draft.text = "written";
      return std::optional(draft);
    });
  }

  bool isSaved() {
    const auto snapshot = store->snapshot(Scope::system(), workflow.id);
    return snapshot->draft && snapshot->draft->text == "written";
  }

  void passTimeUntilSaved() {
    while (!isSaved()) {
      environment->advance(10ms);
      std::this_thread::yield();
    }
  }

  const Workflow workflow = begin();
  std::shared_ptr<FlakyStore> flaky = std::make_shared<FlakyStore>(store);
  std::shared_ptr<base::Timers> timers = std::make_shared<base::Timers>(environment);
  std::shared_ptr<DraftSaver> saver =
      std::make_shared<DraftSaver>(flaky, timers, environment, 250ms);
  std::shared_ptr<DraftSaver::Entry> entry = std::make_shared<DraftSaver::Entry>(workflow.id);
};

}  // namespace

TEST_CASE("a draft is saved once its interval has passed") {
  SaverFixture fixture;
  fixture.saver->saveSoon(fixture.entry);
  fixture.saver->saveSoon(fixture.entry);
  CHECK_FALSE(fixture.isSaved());
  fixture.passTimeUntilSaved();
  fixture.timers->stop();
}

TEST_CASE("a draft that the store could not take is saved when it can") {
  SaverFixture fixture;
  fixture.flaky->failing = true;
  fixture.saver->saveSoon(fixture.entry);
  while (fixture.flaky->failures < 2) {
    fixture.environment->advance(10ms);
    std::this_thread::yield();
  }
  CHECK_FALSE(fixture.isSaved());
  fixture.flaky->failing = false;
  fixture.passTimeUntilSaved();
  fixture.timers->stop();
}

TEST_CASE("a draft that is not open any more is not saved") {
  SaverFixture fixture;
  fixture.saver->saveSoon(fixture.entry);
  fixture.entry = nullptr;
  const auto other = std::make_shared<DraftSaver::Entry>("no workflow");
  fixture.saver->saveSoon(other);
  fixture.environment->advance(1s);
  fixture.timers->stop();
  CHECK_FALSE(fixture.isSaved());
}
