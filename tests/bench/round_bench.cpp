// Whole rounds: round_bench [THREADS] [ROUNDS] [RUNS]
//
// THREADS clients start rounds of 20 messages one after the other, answered by the built-in
// responder `script`, and read each stream to its end: ROUNDS of them in all. Beside it the store
// alone, with as many threads that write the same in the same transactions. Both on databases of
// their own, in turn, RUNS times.
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "chatbot/engine.h"
#include "dataset.h"
#include "figures.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr std::size_t kMessages = 20;
constexpr std::size_t kMessageBytes = 64;

struct Load {
  std::size_t threads = 8;
  std::size_t rounds = 4'000;
  std::size_t runs = 5;
};

UserInput question() {
  UserInput input;
  input.prompt = fmt::format("#bench {{\"chunks\": {}, \"chunkBytes\": {}, \"logs\": 0}}",
                             kMessages - 1, kMessageBytes);
  return input;
}

Identity callerOf(std::size_t thread) { return userOf({}, static_cast<std::int64_t>(thread)); }

// Rounds per second, of so many threads that do one round at each call.
double measure(const Load& load, const std::function<void(std::size_t thread)>& doRound) {
  std::atomic<std::size_t> left = load.rounds;
  const auto work = [&](std::size_t thread) {
    while (left.fetch_sub(1) - 1 < load.rounds) doRound(thread);  // past 0 it is very large
  };
  const Moment start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < load.threads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  const double taken = microseconds(start, std::chrono::steady_clock::now());
  return static_cast<double>(load.rounds) / taken * 1e6;
}

double engineRounds(const Load& load) {
  const TemporaryFolder folder;
  EngineOptions options;
  options.store.path = folder.file("chatbot.sqlite");
  options.environment = systemEnvironment();
  options.responder = makeScriptResponder(options.environment);
  const std::shared_ptr<Engine> engine = Engine::open(std::move(options));
  const UserInput input = question();
  return measure(load, [&](std::size_t thread) {
    const StartedRound started = engine->start(callerOf(thread), input);
    while (started.stream->next(kForever).kind != StreamEvent::Kind::end) {
    }
    if (started.stream->status() != WorkflowStatus::completed) std::abort();
  });
}

// What the engine and the responder have the store write for one round.
void writeRound(Store& store, const Identity& caller, const UserInput& input) {
  const Scope scope = Scope::ofMandate(caller.mandateId);
  const Start start = store.start(
      scope, {.caller = caller, .workflowId = {}, .name = "benchmark", .input = input, .key = {}});
  const RoundKey round{start.workflow.id, start.round};
  std::vector<ItemContent> messages(kMessages - 1, messageOf(kMessageBytes));
  messages.emplace_back(messageOf((kMessages - 1) * kMessageBytes));
  store.append(scope, round, messages);
  store.append(scope, round, std::array<ItemContent, 1>{Stat{}});
  store.endRound(scope, round, WorkflowStatus::completed, {});
}

double storeRounds(const Load& load) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder.file("chatbot.sqlite")};
  const std::shared_ptr<Store> store = Store::open(options, systemEnvironment());
  const UserInput input = question();
  return measure(load, [&](std::size_t thread) { writeRound(*store, callerOf(thread), input); });
}

void run(const Load& load) {
  constexpr double kPercent = 100;
  Figures figures;
  for (std::size_t i = 0; i < load.runs; ++i) {
    const double store = storeRounds(load);
    const double engine = engineRounds(load);
    figures.add("rounds/s, the store alone", store);
    figures.add("rounds/s, through the engine", engine);
    figures.add("the engine's share of the store's, %", engine / store * kPercent);
  }
  fmt::print("{} threads, {} rounds of {} messages\n", load.threads, load.rounds, kMessages);
  figures.print();
}

}  // namespace
}  // namespace chatbot::bench

int main(int argc, char** argv) {
  chatbot::bench::Load load;
  const std::array values = {&load.threads, &load.rounds, &load.runs};
  for (int i = 1; i < argc && i <= 3; ++i) {
    *values.at(static_cast<std::size_t>(i - 1)) =
        static_cast<std::size_t>(std::strtoul(argv[i], nullptr, 10));
  }
  chatbot::bench::run(load);
}
