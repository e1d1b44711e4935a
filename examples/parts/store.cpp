// The store alone, for a service of another kind: each nightly job is a workflow, and its steps are
// the items of its log. A reader gives the place that it has come to, and gets the items after it.
#include <chatbot/store.h>

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

constexpr std::string_view kJobs = "Job";
constexpr std::size_t kItems = 100;
constexpr std::size_t kBytes = 64 * 1024;

chatbot::Log step(std::string text, double progress) {
  chatbot::Log log;
  log.message = std::move(text);
  log.progress = progress;
  return log;
}

// Prints the items after the place, and returns the newest place.
std::int64_t readOn(chatbot::Store& store, const chatbot::Scope& scope, const std::string& id,
                    std::int64_t place) {
  const auto tail = store.tail(scope, id, place, kItems, kBytes);
  if (!tail) return place;
  for (const chatbot::Item& item : tail->items) {
    const auto json = nlohmann::json::parse(item.json);
    std::cout << item.seq << ": " << json["item"]["message"].get<std::string>() << '\n';
    place = item.seq;
  }
  return place;
}

}  // namespace

int main() {
  const auto store = chatbot::Store::open({.path = "jobs.sqlite"}, chatbot::systemEnvironment());

  const chatbot::Identity robot{.userId = "robot", .mandateId = "acme", .roles = {}};
  const chatbot::Scope acme(chatbot::Level::group, robot);
  const chatbot::Scope others = chatbot::Scope::ofMandate("globex");

  const chatbot::Start begun = store->start(acme, {.caller = robot,
                                                   .name = "Backup",
                                                   .workflowMode = std::string(kJobs),
                                                   .first = step("begun", 0)});
  const chatbot::Workflow& job = begun.workflow;
  const std::int64_t place = readOn(*store, acme, job.id, 0);

  const chatbot::RoundKey round{job.id, begun.round};
  const std::array<chatbot::ItemContent, 2> steps = {step("copied", 0.5), step("checked", 0.9)};
  store->append(acme, round, steps);
  store->endRound(acme, round, chatbot::WorkflowStatus::completed, {});
  readOn(*store, acme, job.id, place);

  const auto query = chatbot::PageQuery::parse(R"({"filters": {"status": "completed"}})",
                                               chatbot::workflowSchema());
  std::cout << "acme has " << store->list(acme, kJobs, query).totalItems
            << " completed job, globex " << store->list(others, kJobs, query).totalItems << '\n';

  // A service does this once a second: it renews the store's lease, and keeps the store in order.
  while (store->maintain(kItems)) continue;
}
