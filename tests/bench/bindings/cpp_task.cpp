// The task by the C++ library: cpp_task FOLDER.
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/http.h"
#include "figures.h"
#include "task.h"

namespace chatbot::bench {
namespace {

const Identity kCaller{.userId = "u0", .mandateId = "m0", .roles = {"user"}};

std::shared_ptr<Engine> openEngine(const std::string& path) {
  EngineOptions options;
  options.store.path = path;
  options.responder = std::make_shared<TurnQueue>();
  options.streams.maxStreamsPerUser = STREAMS;
  return Engine::open(std::move(options));
}

template <typename Work>
double microsecondsOf(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return microseconds(begin, std::chrono::steady_clock::now());
}

void list(const std::string& folder) {
  Mount mount(openEngine(folder + "/list.sqlite"), {.rateLimit = 0});
  const Request request{.method = "GET", .target = LIST_TARGET, .headers = {}, .body = {}};
  const double time = microsecondsOf([&] {
    for (int i = 0; i < LIST_REQUESTS; ++i) {
      if (mount.serve(request, kCaller).status != 200) throw std::runtime_error("not served");
    }
  });
  fmt::print("list {:.2f}\n", time / static_cast<double>(LIST_REQUESTS));
}

std::size_t readThread(Engine& engine, const std::string& id) {
  const auto stream = engine.join(kCaller, id).stream;
  std::size_t items = 0;
  while (stream->next(kForever).kind == StreamEvent::Kind::item) ++items;
  return items;
}

void readItems(const std::string& folder) {
  const auto engine = openEngine(folder + "/thread.sqlite");
  const std::string id = engine->listAll(kCaller).at(0).id;
  std::size_t items = 0;
  const double time = microsecondsOf([&] {
    for (int i = 0; i < THREAD_READS; ++i) items += readThread(*engine, id);
  });
  fmt::print("item {:.3f}\n", time / static_cast<double>(items));
}

double numberIn(const char* file, const std::string& field) {
  std::ifstream stream(file);
  std::string word;
  double number = 0;
  while (stream >> word && word != field) {
  }
  stream >> number;
  return number;
}

void wait(const std::string& folder) {
  const auto engine = openEngine(folder + "/streams.sqlite");
  std::vector<std::string> ids;
  std::vector<std::unique_ptr<Stream>> streams;
  WaitSet set(systemEnvironment());
  UserInput input;
  input.prompt = "wait";
  for (int i = 0; i < STREAM_WORKFLOWS; ++i)
    ids.push_back(engine->start(kCaller, input).workflow.id);
  const double before = numberIn("/proc/self/status", "VmRSS:");
  for (std::size_t i = 0; i < STREAMS; ++i) {
    streams.push_back(engine->join(kCaller, ids[i % ids.size()]).stream);
    while (streams.back()->next(Timeout::zero()).kind == StreamEvent::Kind::item) {
    }
    set.add(*streams.back(), i);
  }
  std::array<std::uint64_t, 64> ready{};
  set.wait(Timeout(200), ready);
  fmt::print("threads {:.0f}\n", numberIn("/proc/self/status", "Threads:"));
  fmt::print("KiB {:.2f}\n",
             (numberIn("/proc/self/status", "VmRSS:") - before) / static_cast<double>(STREAMS));
}

}  // namespace
}  // namespace chatbot::bench

int main(int count, char** arguments) {
  if (count != 2) return 2;
  chatbot::bench::list(arguments[1]);
  chatbot::bench::readItems(arguments[1]);
  chatbot::bench::wait(arguments[1]);
}
