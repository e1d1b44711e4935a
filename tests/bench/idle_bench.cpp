// What open streams cost while nothing happens: memory, and the processor time of their keepalives.
//   idle_bench [STREAMS] [SECONDS] [WORKFLOWS]
#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "chatbot/http.h"
#include "dataset.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

double residentKiB() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

double processorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// One for each stream, and some for the rest. The number of streams that can have one.
std::size_t raiseDescriptors(std::size_t streams) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t kOthers = 100;
  return std::min<std::size_t>(streams, limit.rlim_cur - kOthers);
}

class IdleStreams {
 public:
  IdleStreams(std::size_t count, std::size_t workflows) : count_(count) {
    const StartRequest request{.caller = {.userId = "bench", .mandateId = {}, .roles = {}},
                               .first = messageOf(400)};
    workflows_.reserve(workflows);
    for (std::size_t i = 0; i < workflows; ++i) {
      workflows_.push_back(store_->start(Scope::system(), request).workflow.id);
    }
    streams_.reserve(count);
  }

  // Streams of the workflows in turn, each read to the end of what there is.
  void open() {
    for (std::size_t i = 0; i < count_; ++i) {
      const std::string& id = workflows_[i % workflows_.size()];
      auto stream =
          hub_.open(hub_.reserve(userOf({}, 0)), Scope::system(), id, {}, [] { return true; });
      streams_.push_back(std::make_unique<SseStream>(std::move(stream), true));
      drain(*streams_.back());
    }
  }

  void makeDescriptors(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) streams_[i]->pollable();
  }

  void enterSet() {
    for (std::size_t i = 0; i < streams_.size(); ++i) set_.add(streams_[i]->events(), i);
  }

  // Reads keepalives for so long; how many came.
  std::size_t readFor(std::chrono::seconds time) {
    const Instant end = environment_->now() + time;
    std::size_t keepalives = 0;
    std::array<std::uint64_t, 256> tokens{};
    while (environment_->now() < end) {
      const WaitSet::Result result = set_.wait(Timeout(100), tokens);
      for (std::size_t i = 0; i < result.count; ++i) drain(*streams_[tokens[i]]);
      keepalives += result.count;
    }
    return keepalives;
  }

 private:
  static void drain(SseStream& stream) {
    std::array<char, 4096> buffer;
    std::size_t written = 0;
    while (stream.read(Timeout::zero(), buffer.data(), buffer.size(), written) ==
           SseStream::Result::data) {
    }
  }

  TemporaryFolder folder_;
  std::shared_ptr<Environment> environment_ = systemEnvironment();
  std::shared_ptr<Store> store_ =
      Store::open({.path = folder_.file("chatbot.sqlite")}, environment_);
  StreamHub hub_{
      store_, environment_, {.lifetime = std::chrono::hours(24), .maxStreamsPerUser = 1'000'000}};
  const std::size_t count_;
  std::vector<std::string> workflows_;
  std::vector<std::unique_ptr<SseStream>> streams_;
  WaitSet set_{environment_};
};

void run(std::size_t count, std::chrono::seconds time, std::size_t workflows) {
  const std::size_t descriptors = raiseDescriptors(count);
  IdleStreams streams(count, workflows);
  const auto each = [](double kib, std::size_t number) {
    return kib / static_cast<double>(number);
  };
  const double before = residentKiB();
  streams.open();
  const double open = residentKiB();
  streams.makeDescriptors(descriptors);
  const double withDescriptors = residentKiB();
  streams.enterSet();
  fmt::print("{} idle streams of {} workflows\n", count, workflows);
  fmt::print("{:8.2f} KiB each\n", each(open - before, count));
  fmt::print("{:8.2f} KiB more with a descriptor (the kernel's part is not counted)\n",
             each(withDescriptors - open, descriptors));
  const double used = processorSeconds();
  const std::size_t keepalives = streams.readFor(time);
  fmt::print("{:8.2f} % of a core for {} keepalives in {} s\n",
             (processorSeconds() - used) / static_cast<double>(time.count()) * 100, keepalives,
             time.count());
}

}  // namespace
}  // namespace chatbot::bench

int main(int argc, char** argv) {
  const auto number = [&](int index, long fallback) {
    return argc > index ? std::strtol(argv[index], nullptr, 10) : fallback;
  };
  const auto streams = static_cast<std::size_t>(number(1, 10'000));
  chatbot::bench::run(streams, std::chrono::seconds(number(2, 60)),
                      static_cast<std::size_t>(number(3, static_cast<long>(streams))));
  return 0;
}
