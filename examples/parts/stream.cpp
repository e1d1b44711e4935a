// The event stream alone: one thread follows a nightly job while another one does it.
#include <chatbot/store.h>
#include <chatbot/stream.h>

#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

namespace {

using Kind = chatbot::StreamEvent::Kind;

chatbot::Log step(std::string text) {
  chatbot::Log log;
  log.message = std::move(text);
  return log;
}

// Prints what comes, as it comes, until the job is over.
void follow(chatbot::Stream& stream) {
  for (;;) {
    const chatbot::StreamEvent event = stream.next(chatbot::kForever);
    if (event.kind == Kind::end) break;
    if (event.kind != Kind::item) continue;
    const auto json = nlohmann::json::parse(event.item->json);
    std::cout << toText(event.position) << ": " << json["item"]["message"].get<std::string>()
              << '\n';
  }
  std::cout << "the job is " << toText(stream.status()) << '\n';
}

}  // namespace

int main() {
  const auto environment = chatbot::systemEnvironment();
  const std::shared_ptr<chatbot::Store> store =
      chatbot::Store::open({.path = "followed.sqlite"}, environment);
  chatbot::StreamHub hub(store, environment, {});
  store->onChange([&](const chatbot::Change& change) { hub.notify(change); });

  const chatbot::Identity robot{.userId = "robot", .mandateId = "acme", .roles = {}};
  const chatbot::Scope acme(chatbot::Level::group, robot);
  const chatbot::Start begun = store->start(
      acme, {.caller = robot, .name = "Backup", .workflowMode = "Job", .first = step("begun")});
  const auto stream =
      hub.open(hub.reserve(robot), acme, begun.workflow.id, {}, [] { return true; });

  std::thread worker([&] {
    const chatbot::RoundKey round{begun.workflow.id, begun.round};
    for (const char* text : {"copied", "checked"}) {
      store->append(acme, round, std::array<chatbot::ItemContent, 1>{step(text)});
    }
    store->endRound(acme, round, chatbot::WorkflowStatus::completed, {});
  });
  follow(*stream);
  worker.join();
}
