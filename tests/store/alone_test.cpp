// A store without an engine, for an hour of simulated time, by its public face alone: what it needs
// from time to time is done by maintain().
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <deque>

#include "chatbot/store.h"
#include "support/connect.h"
#include "support/database_folder.h"
#include "support/manual_environment.h"

using namespace chatbot;
using namespace chatbot::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPortion = 64;
constexpr std::chrono::seconds kStep = 1s;
constexpr std::chrono::seconds kKeyLife = 60s;
const Identity kAda{.userId = "ada", .mandateId = "acme", .roles = {}};
const Scope kAcme = Scope::ofMandate("acme");

Message message(std::string text, std::string role = "assistant") {
  Message made;
  made.role = std::move(role);
  made.message = std::move(text);
  return made;
}

// A service on a store of its own. Each second it keeps the store in order; every ten seconds it
// does a job, whose workflow is removed five minutes later.
class Service {
 public:
  std::shared_ptr<Store> open() const { return Store::open(options_, environment_); }

  void run(std::chrono::seconds time) {
    for (std::chrono::seconds passed{}; passed < time; passed += kStep) {
      if (passed % 10s == 0s) work();
      if (workflows_.size() > 30) removeOldest();
      rest();
    }
  }

  // Lets time pass without work.
  void rest() {
    environment_->advance(kStep);
    store_->maintain(kPortion);
  }

  Start start(const std::string& key) {
    StartRequest request{.caller = kAda, .name = "job"};
    request.input.prompt = "needle " + key;
    request.key = StartKey{.key = key, .fingerprint = "f", .life = kKeyLife};
    return store_->start(kAcme, request);
  }

  std::int64_t found(const std::string& word) {
    const auto query = PageQuery::parse(
        fmt::format(R"({{"filters": {{"search": "{}", "searchIn": "messages"}}}})", word),
        workflowSchema());
    return store_->list(kAcme, kChatbotMode, query).totalItems;
  }

  // Another program's look at the database.
  std::int64_t count(const std::string& table) {
    return number(*connect(options_.path), "SELECT count(*) FROM " + table);
  }

  Store& store() { return *store_; }
  std::size_t kept() const { return workflows_.size(); }
  int jobs() const { return jobs_; }

 private:
  void work() {
    const Start begun = start(fmt::format("k{}", ++jobs_));
    REQUIRE(begun.result == StartResult::begun);
    const RoundKey round{begun.workflow.id, begun.round};
    const std::vector<ItemContent> steps(jobs_ % 60 == 0 ? 300 : 3, message("step"));
    CHECK(store_->append(kAcme, round, steps));
    CHECK(store_->endRound(kAcme, round, WorkflowStatus::completed,
                           std::array<ItemContent, 1>{message(fmt::format("done{}", jobs_))}));
    workflows_.push_back(begun.workflow.id);
  }

  void removeOldest() {
    CHECK(store_->remove(kAcme, workflows_.front()));
    workflows_.pop_front();
  }

  DatabaseFolder folder_;
  std::shared_ptr<ManualEnvironment> environment_ = std::make_shared<ManualEnvironment>();
  StoreOptions options_{.path = folder_.database(), .lease = 10s};
  std::shared_ptr<Store> store_ = open();
  std::deque<std::string> workflows_;
  int jobs_ = 0;
};

}  // namespace

TEST_CASE("a store alone for an hour leaves nothing unkept") {
  Service service;
  const Start held = service.start("held");
  service.run(30min);
  const auto peer = service.open();  // it would end the rounds of a store that is silent
  for (int step = 0; step < 60; ++step) {
    service.rest();
    peer->maintain(kPortion);
  }
  CHECK(service.store().find(kAcme, held.workflow.id)->status == WorkflowStatus::running);
  service.run(29min);
  REQUIRE(service.jobs() == 354);

  // Messages are found as soon as they are indexed, and no longer than they are there.
  CHECK(service.found("needle") == static_cast<std::int64_t>(service.kept()) + 1);
  CHECK(service.found("done354") == 1);
  CHECK(service.found("done1") == 0);

  // The lease was kept: the store still runs its round.
  const RoundKey round{held.workflow.id, held.round};
  CHECK(service.store().append(kAcme, round, std::array<ItemContent, 1>{message("late")}));
  CHECK(service.store().endRound(kAcme, round, WorkflowStatus::completed, {}));

  CHECK(service.count("start_key") <= kKeyLife / 10s);
  for (std::chrono::seconds rest{}; rest <= kKeyLife; rest += kStep) service.rest();
  CHECK_FALSE(service.store().maintain(kPortion));
  CHECK(service.count("start_key") == 0);
  CHECK(service.count("message_pending") == 0);
  CHECK(service.count("workflow_removed") == 0);
  CHECK(service.count("item WHERE workflowId NOT IN (SELECT id FROM workflow)") == 0);
  CHECK(service.count("workflow") == static_cast<std::int64_t>(service.kept()) + 1);
}
