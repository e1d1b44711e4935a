// http_bench: what a client of the example host waits for, and what open streams cost it.
//
//   http_bench HOST-PROGRAM [RUNS [STREAMS]]
//
// Each run starts the host anew. Times are medians of 100 requests, in microseconds, each on a new
// connection; memory is what the operating system counts as resident, in KiB.
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset.h"
#include "figures.h"
#include "host_process.h"
#include "http_client.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr int kRequests = 100;
constexpr int kWarmUps = 20;
constexpr int kStreamsOfUser = 50;
constexpr std::string_view kStart = "/api/chatbot/start/stream";
constexpr std::string_view kFirstPage =
    "/api/chatbot/threads?pagination=%7B%22page%22%3A1%2C%22pageSize%22%3A20%7D";

std::string startRequest(const std::string& user, std::string_view plan) {
  return postRequest(kStart, user, fmt::format(R"({{"prompt": "#bench {}"}})", plan));
}

// A plan as it stands inside a JSON string.
constexpr std::string_view kTwentyChunks = R"({\"chunks\": 20, \"chunkBytes\": 64})";
constexpr std::string_view kIdle = R"({\"startDelayMs\": 3600000})";

void repeat(const std::function<void()>& request) {
  for (int i = 0; i < kRequests; ++i) request();
}

void measureStart(const HostProcess& host, Figures& figures) {
  const std::string request = startRequest("u0", kTwentyChunks);
  for (int i = 0; i < kWarmUps; ++i) HttpConnection(host.port(), request).readToEnd();
  std::vector<double> first;
  std::vector<double> whole;
  repeat([&] {
    const Moment start = std::chrono::steady_clock::now();
    HttpConnection connection(host.port(), request);
    first.push_back(microseconds(start, connection.readUntil("data: ")));
    whole.push_back(microseconds(start, connection.readToEnd()));
  });
  figures.add("start/stream, first frame, us", median(first));
  figures.add("start/stream, 20 chunks, to the end, us", median(whole));
}

void measureGet(const HostProcess& host, std::string_view target, const std::string& name,
                Figures& figures) {
  const std::string request = getRequest(target, "u0");
  std::vector<double> times;
  repeat([&] {
    const Moment start = std::chrono::steady_clock::now();
    HttpConnection connection(host.port(), request);
    times.push_back(microseconds(start, connection.readToEnd()));
    if (!connection.received().starts_with("HTTP/1.1 200")) {
      throw std::runtime_error("not served: " + connection.received());
    }
  });
  figures.add(name, median(times));
}

void measureReads(const std::string& program, std::int64_t workflows, Figures& figures) {
  const TemporaryFolder folder;
  const std::string database = folder.file("chatbot.sqlite");
  const Shape shape{.workflows = workflows, .users = workflows / 1000, .mandates = 1, .items = 0};
  {
    const auto store = Store::open({.path = database}, systemEnvironment());
    fill(*store, shape);
  }
  const HostProcess host(program, database);
  measureGet(host, kFirstPage, fmt::format("page of 20 of 1,000, among {}, us", workflows),
             figures);
}

void measureDetail(const std::string& program, Figures& figures) {
  const TemporaryFolder folder;
  const std::string database = folder.file("chatbot.sqlite");
  const Shape shape{.workflows = 1, .items = 1000};
  fill(*Store::open({.path = database}, systemEnvironment()), shape);
  const HostProcess host(program, database);
  const std::string id = workflowOf(shape, 0).workflow.id;
  measureGet(host, "/api/chatbot/threads?workflowId=" + id, "detail with 1,000 items, us", figures);
}

void measureMemory(const std::string& program, int streams, Figures& figures) {
  const TemporaryFolder folder;
  HostProcess host(program, folder.file("chatbot.sqlite"));
  HttpConnection(host.port(), startRequest("u0", kTwentyChunks)).readToEnd();
  const long before = host.residentKib();

  std::vector<HttpConnection> open;
  for (int i = 0; i < streams; ++i) {
    open.emplace_back(host.port(), startRequest(fmt::format("u{}", i / kStreamsOfUser), kIdle));
    open.back().readUntil("data: ");
  }
  const long after = host.residentKib();
  figures.add("resident before streams, KiB", static_cast<double>(before));
  figures.add(fmt::format("resident with {} open idle streams, KiB", streams),
              static_cast<double>(after));
  figures.add("  of that for each stream, KiB", static_cast<double>(after - before) / streams);

  const Moment start = std::chrono::steady_clock::now();
  if (!host.stop()) throw std::runtime_error("the host did not end well");
  figures.add("  time to end the host, us", microseconds(start, std::chrono::steady_clock::now()));
}

// A stream is a connection, and a connection a descriptor.
void raiseFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void measure(const std::string& program, int runs, int streams) {
  raiseFileLimit();
  Figures figures;
  for (int run = 0; run < runs; ++run) {
    const TemporaryFolder folder;
    {
      const HostProcess host(program, folder.file("chatbot.sqlite"));
      measureStart(host, figures);
    }
    measureReads(program, 10'000, figures);
    measureReads(program, 100'000, figures);
    measureDetail(program, figures);
    measureMemory(program, streams, figures);
  }
  figures.print();
}

int numberOf(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (number < 1) throw std::invalid_argument("usage: http_bench HOST-PROGRAM [RUNS [STREAMS]]");
  return number;
}

}  // namespace
}  // namespace chatbot::bench

int main(int count, char** arguments) {
  try {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    const int runs = given.size() > 1 ? chatbot::bench::numberOf(given[1]) : 5;
    const int streams = given.size() > 2 ? chatbot::bench::numberOf(given[2]) : 1000;
    chatbot::bench::measure(given.empty() ? "" : given[0], runs, streams);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "http_bench: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
