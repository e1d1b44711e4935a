// Load on a PostgreSQL database, for postgres_bench.py:
//
//   postgres_load fill URL list|thread         makes the tables, and what these read
//   postgres_load append|start|list|thread URL CLIENTS SECONDS
//                                              items, rounds, first pages or whole threads a second
//   postgres_load latency URL COUNT            from an append at one engine to the item's reading
//                                              at another: p50, p99 and the most in us
//   postgres_load deltas URL COUNT             the same of text that is being written
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "chatbot/engine.h"
#include "dataset.h"
#include "figures.h"
#include "support/fixtures.h"

namespace chatbot::bench {
namespace {

constexpr std::size_t kMessageBytes = 64;
constexpr std::size_t kEverything = 1'000'000'000;
const Shape kLists{.workflows = 10'000, .users = 10};
const Shape kThreads{.workflows = 64, .items = 100};

Message message() { return test::textMessage(std::string(kMessageBytes, 'x')); }

using Step = std::function<void()>;
using StepOf = std::function<Step(Store&, std::size_t)>;

// One client's items, all of one workflow.
Step append(Store& store, std::size_t) {
  const Scope scope = Scope::system();
  Workflow workflow = test::create(store, scope, test::newWorkflow(test::user("ann")), message());
  return [&store, scope, round = RoundKey{workflow.id, 1}] {
    store.append(scope, round, std::array<ItemContent, 1>{message()});
  };
}

Step start(Store& store, std::size_t) {
  UserInput input;
  input.prompt = std::string(kMessageBytes, 'x');
  return [&store, input] {
    store.start(Scope::system(), {.caller = test::user("ann"),
                                  .workflowId = {},
                                  .name = "benchmark",
                                  .input = input,
                                  .key = {}});
  };
}

Step list(Store& store, std::size_t) {
  const Scope mine(Level::my, userOf(kLists, 0));
  return [&store, mine, query = PageQuery::parse("{}", workflowSchema())] {
    store.list(mine, kChatbotMode, query);
  };
}

Step thread(Store& store, std::size_t client) {
  const auto index = static_cast<std::int64_t>(client) % kThreads.workflows;
  const std::string id = workflowOf(kThreads, index).workflow.id;
  const Scope mine(Level::my, userOf(kThreads, 0));
  return [&store, mine, id] { store.tail(mine, id, 0, kEverything, kEverything); };
}

// So many clients, with a connection to read for each, which do it again and again; prints how
// often in a second.
void repeat(const std::string& url, const StepOf& stepOf, std::size_t clients, int seconds) {
  const StoreOptions options{.path = url, .readers = static_cast<int>(clients)};
  const auto store = Store::open(options, systemEnvironment());
  std::atomic<bool> over = false;
  std::atomic<std::size_t> done = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      for (const Step step = stepOf(*store, i); !over; ++done) step();
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const std::size_t count = done;
  over = true;
  for (std::thread& each : threads) each.join();
  fmt::print("{}\n", count / static_cast<std::size_t>(seconds));
}

std::shared_ptr<Engine> openEngine(const std::string& url) {
  EngineOptions options;
  options.store.path = url;
  return Engine::open(std::move(options));
}

// A round at one engine, and a reader of it at another.
struct TwoHosts {
  TwoHosts(const std::string& url, Deltas deltas) : here(openEngine(url)), there(openEngine(url)) {
    const Identity ann = test::user("ann");
    UserInput input;
    input.prompt = "hello";
    const StartedRound started = here->start(ann, input, {});
    turn = here->turns()->take(kForever);
    stream = there->join(ann, started.workflow.id, {}, deltas).stream;
    stream->next(kForever);
  }

  std::shared_ptr<Engine> here;
  std::shared_ptr<Engine> there;
  std::optional<Turn> turn;
  std::unique_ptr<Stream> stream;
};

void print(std::vector<double> times) {
  std::ranges::sort(times);
  fmt::print("{:.0f} {:.0f} {:.0f}\n", times[times.size() / 2], times[times.size() * 99 / 100],
             times.back());
}

void latency(const std::string& url, std::size_t count) {
  TwoHosts hosts(url, Deltas::hidden);
  std::vector<double> times;
  const std::array<ItemContent, 1> next = {message()};
  for (std::size_t i = 0; i < count; ++i) {
    std::thread reader([&] { hosts.stream->next(kForever); });
    const Moment start = std::chrono::steady_clock::now();
    hosts.turn->append(next);
    reader.join();
    times.push_back(microseconds(start, std::chrono::steady_clock::now()));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  hosts.turn->complete();
  print(std::move(times));
}

// Each letter of a text that is written one letter every 10 ms.
void deltas(const std::string& url, std::size_t count) {
  TwoHosts hosts(url, Deltas::shown);
  std::vector<Moment> written(count);
  std::thread writer([&] {
    for (Moment& moment : written) {
      moment = std::chrono::steady_clock::now();
      hosts.turn->delta("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  std::vector<double> times;
  while (times.size() < count) {
    const StreamEvent event = hosts.stream->next(kForever);
    const Moment now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < event.delta.text.size(); ++i) {
      times.push_back(microseconds(written[times.size()], now));
    }
  }
  writer.join();
  hosts.turn->complete();
  print(std::move(times));
}

}  // namespace
}  // namespace chatbot::bench

int main(int argc, char** argv) {
  using namespace chatbot;
  using namespace chatbot::bench;
  const std::string_view what = argc > 2 ? argv[1] : "";
  const std::map<std::string_view, StepOf> steps = {
      {"append", append}, {"start", start}, {"list", list}, {"thread", thread}};
  if (argc == 4 && what == "fill") {
    const auto store = Store::open({.path = argv[2]}, systemEnvironment());
    fill(*store, std::string_view(argv[3]) == "list" ? kLists : kThreads);
    return 0;
  }
  if (argc == 5 && steps.contains(what)) {
    repeat(argv[2], steps.at(what), std::strtoul(argv[3], nullptr, 10), std::atoi(argv[4]));
    return 0;
  }
  if (argc == 4 && (what == "latency" || what == "deltas")) {
    const auto measure = what == "latency" ? latency : deltas;
    measure(argv[2], std::strtoul(argv[3], nullptr, 10));
    return 0;
  }
  fmt::print(stderr, "usage: see the beginning of postgres_load.cpp\n");
  return 2;
}
