// What the responder openai adds: the time from a delta's sending to its being read from a stream,
// beside that of a plain socket, and processor time for each 1,000 deltas.
//   openai_bench [DELTAS]
//
// The model server is a child process, which writes the time at which it sends into each delta.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "chatbot/engine.h"
#include "chatbot/openai.h"
#include "support/temporary_folder.h"

namespace chatbot::bench {
namespace {

using test::TemporaryFolder;

constexpr std::chrono::microseconds kPace{2000};  // between deltas whose time is taken

std::int64_t nowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t numberAt(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// ---- the model server ----

struct Order {
  std::int64_t deltas = 0;
  std::chrono::microseconds pace{0};
};

// What the prompt says, `bench DELTAS PACE_US`.
Order orderIn(std::string_view request) {
  constexpr std::string_view kMark = "bench ";
  const std::size_t start = request.rfind(kMark);
  if (start == std::string_view::npos) return {};
  const std::string_view numbers = request.substr(start + kMark.size());
  return {.deltas = numberAt(numbers),
          .pace = std::chrono::microseconds(numberAt(numbers.substr(numbers.find(' ') + 1)))};
}

void sendAll(int peer, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string event(std::int64_t sentAt) {
  return fmt::format(
      "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
      "\"model\":\"bench\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{} \"}},"
      "\"finish_reason\":null}}]}}\n\n",
      sentAt);
}

void answer(int peer) {
  std::string request;
  std::array<char, 65536> bytes{};
  while (request.find("include_usage") == std::string::npos) {
    const ssize_t size = recv(peer, bytes.data(), bytes.size(), 0);
    if (size <= 0) break;
    request.append(bytes.data(), static_cast<std::size_t>(size));
  }
  const Order order = orderIn(request);
  sendAll(peer, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
  for (std::int64_t i = 0; i < order.deltas; ++i) {
    if (order.pace.count() > 0) std::this_thread::sleep_for(order.pace);
    sendAll(peer, event(nowNanos()));
  }
  sendAll(peer, "data: [DONE]\n\n");
  close(peer);
}

[[noreturn]] void serve(int listener) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    const int peer = accept(listener, nullptr, nullptr);
    if (peer < 0) _exit(1);
    const int yes = 1;
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    std::thread(answer, peer).detach();
  }
}

int startServer() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, plain, size) != 0 || listen(listener, 1024) != 0 ||
      getsockname(listener, plain, &size) != 0) {
    throw std::runtime_error("no port for the model server");
  }
  if (fork() == 0) serve(listener);
  close(listener);
  return ntohs(address.sin_port);
}

// ---- what is measured ----

void printTimes(const char* name, std::vector<double> micros) {
  std::sort(micros.begin(), micros.end());
  const auto part = [&](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  fmt::print("{:<44} median {:7.1f} us, 99 % {:7.1f} us\n", name, part(0.5), part(0.99));
}

double processorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Each delta's time at which it was sent is its text.
std::vector<double> overPlainSocket(int port, std::int64_t deltas) {
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {0};
  sendAll(peer, fmt::format("bench {} {} include_usage", deltas, kPace.count()));
  std::vector<double> micros;
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t size = recv(peer, bytes.data(), bytes.size(), 0);
    const std::int64_t readAt = nowNanos();
    if (size <= 0) break;
    const std::string_view text(bytes.data(), static_cast<std::size_t>(size));
    const std::size_t mark = text.find("\"content\":\"");
    if (mark == std::string_view::npos) continue;
    micros.push_back(static_cast<double>(readAt - numberAt(text.substr(mark + 11))) / 1000);
  }
  close(peer);
  return micros;
}

class Bench {
 public:
  explicit Bench(int port) {
    OpenAiOptions model;
    model.baseUrl = fmt::format("http://127.0.0.1:{}/v1", port);
    model.model = "bench";
    EngineOptions options;
    options.store.path = folder_.file("chat.sqlite");
    options.streams.maxStreamsPerUser = 1000;
    options.responder = makeOpenAiResponder(std::move(model), systemEnvironment(), nullptr);
    engine_ = Engine::open(std::move(options));
  }

  std::unique_ptr<Stream> start(std::int64_t deltas, std::chrono::microseconds pace,
                                Deltas shown = Deltas::shown) {
    UserInput input;
    input.prompt = fmt::format("bench {} {}", deltas, pace.count());
    return engine_->start(caller_, input, {.deltas = shown}).stream;
  }

  std::vector<double> overStream(std::int64_t deltas) {
    const std::unique_ptr<Stream> stream = start(deltas, kPace);
    std::vector<double> micros;
    StreamEvent event = stream->next(kForever);
    while (event.kind != StreamEvent::Kind::end) {
      const std::int64_t readAt = nowNanos();
      if (event.kind == StreamEvent::Kind::delta) {
        micros.push_back(static_cast<double>(readAt - numberAt(event.delta.text)) / 1000);
      }
      event = stream->next(kForever);
    }
    return micros;
  }

  // `rounds` at once, whose streams show the items only: what readers of deltas cost is another
  // benchmark's.
  void processorTime(const char* name, std::size_t rounds, std::int64_t deltas,
                     std::chrono::microseconds pace) {
    const double before = processorSeconds();
    const std::int64_t begun = nowNanos();
    std::vector<std::unique_ptr<Stream>> streams;
    for (std::size_t i = 0; i < rounds; ++i) {
      streams.push_back(start(deltas, pace, Deltas::hidden));
    }
    for (const auto& stream : streams) {
      while (stream->next(kForever).kind != StreamEvent::Kind::end) continue;
    }
    const double spent = processorSeconds() - before;
    const double taken = static_cast<double>(nowNanos() - begun) / 1e9;
    const double all = static_cast<double>(rounds) * static_cast<double>(deltas);
    fmt::print("{:<44} {:7.2f} ms for 1,000 deltas ({:.0f} deltas in {:.2f} s)\n", name,
               spent * 1e6 / all, all, taken);
  }

 private:
  TemporaryFolder folder_;
  const Identity caller_{.userId = "bench", .mandateId = "bench", .roles = {"user"}};
  std::shared_ptr<Engine> engine_;
};

void raiseDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void measure(std::int64_t deltas) {
  using std::chrono::microseconds;
  raiseDescriptors();
  const int port = startServer();
  Bench bench(port);
  bench.overStream(100);
  printTimes("from sending to a plain socket's read", overPlainSocket(port, deltas));
  printTimes("from sending to a stream's read", bench.overStream(deltas));
  bench.processorTime("one round, as fast as it goes", 1, deltas * 20, microseconds(0));
  bench.processorTime("one round, a delta each 2 ms", 1, deltas, kPace);
  bench.processorTime("500 rounds, a delta each 100 ms", 500, deltas / 20, microseconds(100'000));
}

}  // namespace
}  // namespace chatbot::bench

int main(int count, char** arguments) {
  const long deltas = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 1000;
  chatbot::bench::measure(std::max(deltas, 20L));
}
