// Opens many event streams of one server at once and tells what came, how late, and what it cost
// the server. Says `open` on a line of its own when the streams are, and its findings as one line
// of JSON at the end.
//
//   --port P           of the server on 127.0.0.1
//   --target T         what every stream asks for
//   --post BODY        ask by POST with this body
//   --header 'N: {i}'  a header of every stream; {i} is the stream's number divided by 50
//   --streams M        how many (1)
//   --silent K         how many of them never read (0)
//   --events N         messages that each of the others waits for; 0: none, wait for --seconds (0)
//   --seconds S        when to give up (60)
//   --pid P            the server, or one of its processes; may be repeated
//   --publish T        publish the messages there by POST, from a thread of its own
//   --every-us D       one each D microseconds; 0: as soon as the one before is taken (0)
//   --bytes B          the size of one (400)
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "sse_reader.h"

namespace chatbot::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  std::string target;
  std::string post;
  std::vector<std::string> headers;
  std::size_t streams = 1;
  std::size_t silent = 0;
  std::int64_t events = 0;
  double seconds = 60;
  std::vector<std::string> pids;
  std::string publish;
  int everyUs = 0;
  std::size_t bytes = 400;
};

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

double wallTime() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// What the server's processes hold and have used.
struct Usage {
  long residentKib = 0;
  double cpuSeconds = 0;
};

Usage usageOf(const std::vector<std::string>& pids) {
  Usage usage;
  for (const std::string& pid : pids) {
    long pages = 0;
    std::ifstream("/proc/" + pid + "/statm") >> pages >> pages;
    usage.residentKib += pages * (sysconf(_SC_PAGESIZE) / 1024);
    std::ifstream stat("/proc/" + pid + "/stat");
    std::string word;
    for (int i = 0; i < 13; ++i) stat >> word;
    double user = 0;
    double system = 0;
    stat >> user >> system;
    usage.cpuSeconds += (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return usage;
}

int connectTo(int port, int receiveBuffer) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0, "socket");
  if (receiveBuffer > 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  return fd;
}

void sendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    check(sent > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string post(std::string_view target, std::string_view headers, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      target, headers, body.size(), body);
}

// Publishes as a server's own clients do, one message after the other on one connection.
class Publisher {
 public:
  explicit Publisher(const Options& options) : options_(options), thread_([this] { run(); }) {}
  ~Publisher() { thread_.join(); }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

 private:
  void run() {
    const int fd = connectTo(options_.port, 0);
    const auto start = Clock::now();
    for (std::int64_t i = 1; i <= options_.events; ++i) {
      if (options_.everyUs > 0) {
        std::this_thread::sleep_until(start + i * std::chrono::microseconds(options_.everyUs));
      }
      sendAll(fd, post(options_.publish, "", message(i)));
      std::array<char, 4096> answer{};
      check(recv(fd, answer.data(), answer.size(), 0) > 0, "the publisher's answer");
      if (answer[9] != '2') throw std::runtime_error("refused: " + std::string(answer.data(), 40));
    }
    close(fd);
  }

  std::string message(std::int64_t number) const {
    std::string text =
        fmt::format(R"({{"type":"message","createdAt":{:.6f},"item":{{"sequenceNr":{},"message":")",
                    wallTime(), number);
    text.append(options_.bytes - std::min(options_.bytes, text.size() + 3), 'x');
    return text + "\"}}";
  }

  const Options& options_;
  std::thread thread_;
};

struct Subscriber {
  int fd = -1;
  bool isSilent = false;
  bool isOpen = true;
  SseReader reader;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), subscribers_(options.streams) {}

  void run() {
    const Usage empty = usageOf(options_.pids);
    open();
    std::this_thread::sleep_for(500ms);
    receiveFor(500ms);
    const Usage idle = usageOf(options_.pids);
    began_ = wallTime();
    std::cout << "open" << std::endl;
    const auto start = Clock::now();
    measure();
    const std::chrono::duration<double> took = Clock::now() - start;
    print(empty, idle, usageOf(options_.pids), took.count());
  }

 private:
  void open() {
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
      Subscriber& subscriber = subscribers_[i];
      subscriber.isSilent = i < options_.silent;
      subscriber.fd = connectTo(options_.port, subscriber.isSilent ? 4096 : 0);
      sendAll(subscriber.fd, request(i));
      epoll_event event{};
      if (!subscriber.isSilent) event.events = EPOLLIN;
      event.data.u64 = i;
      check(epoll_ctl(epoll_, EPOLL_CTL_ADD, subscriber.fd, &event) == 0, "epoll_ctl");
      if (i % 32 == 31) receive(0);
    }
  }

  std::string request(std::size_t index) const {
    std::string headers;
    for (std::string header : options_.headers) {
      const std::size_t place = header.find("{i}");
      if (place != std::string::npos) header.replace(place, 3, std::to_string(index / 50));
      headers += header + "\r\n";
    }
    if (!options_.post.empty()) return post(options_.target, headers, options_.post);
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{}\r\n",
                       options_.target, headers);
  }

  void measure() {
    const auto end = Clock::now() + std::chrono::duration<double>(options_.seconds);
    std::optional<Publisher> publisher;
    if (!options_.publish.empty()) publisher.emplace(options_);
    const auto wanted = static_cast<std::int64_t>(options_.streams - options_.silent);
    while (Clock::now() < end && (options_.events == 0 || whole_ < wanted)) receive(20);
  }

  void receiveFor(std::chrono::milliseconds time) {
    const auto end = Clock::now() + time;
    while (Clock::now() < end) receive(10);
  }

  void receive(int timeout) {
    std::array<epoll_event, 256> ready;
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), timeout);
    for (int i = 0; i < count; ++i) read(subscribers_[ready[static_cast<std::size_t>(i)].data.u64]);
  }

  void read(Subscriber& subscriber) {
    if (!subscriber.isOpen) return;
    const ssize_t size = recv(subscriber.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      subscriber.isOpen = false;
      close(subscriber.fd);
      return;
    }
    const double now = wallTime();
    subscriber.reader.take({buffer_.data(), static_cast<std::size_t>(size)},
                           [this, now](const Arrival& arrival) { note(arrival, now); });
  }

  void note(const Arrival& arrival, double now) {
    if (began_ == 0 || arrival.createdAt < began_) return;
    if (latencies_.empty()) first_ = now;
    last_ = now;
    latencies_.push_back((now - arrival.createdAt) * 1e6);
    const auto each = static_cast<std::int64_t>(options_.streams - options_.silent);
    if (options_.events > 0 &&
        static_cast<std::int64_t>(latencies_.size()) == each * options_.events)
      whole_ = each;
  }

  double latency(double quantile) {
    if (latencies_.empty()) return 0;
    const auto place =
        static_cast<std::size_t>(quantile * static_cast<double>(latencies_.size() - 1));
    const auto middle = latencies_.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(latencies_.begin(), middle, latencies_.end());
    return *middle;
  }

  void print(const Usage& empty, const Usage& idle, const Usage& end, double seconds) {
    Tally sum;
    std::size_t answered = 0;
    std::size_t closed = 0;
    for (const Subscriber& each : subscribers_) {
      sum.comments += each.reader.tally().comments;
      sum.lost += each.reader.tally().lost;
      sum.repeated += each.reader.tally().repeated;
      answered += each.reader.status() == 200 ? 1 : 0;
      closed += each.isOpen ? 0 : 1;
    }
    const auto count = static_cast<std::int64_t>(latencies_.size());
    const auto each = static_cast<std::int64_t>(options_.streams - options_.silent);
    const double streams = static_cast<double>(options_.streams);
    fmt::print(
        R"({{"streams": {}, "silent": {}, "answered": {}, "closed": {}, "events": {}, "missing": {}, )"
        R"("lost": {}, "repeated": {}, "keepalives": {}, "perSecond": {:.0f}, "p50us": {:.0f}, )"
        R"("p99us": {:.0f}, "kibPerStream": {:.2f}, "residentKib": {}, "grownKib": {}, )"
        R"("cpuPercent": {:.2f}, "seconds": {:.2f}}})"
        "\n",
        options_.streams, options_.silent, answered, closed, count, each * options_.events - count,
        sum.lost, sum.repeated, sum.comments,
        last_ > first_ ? static_cast<double>(count) / (last_ - first_) : 0.0, latency(0.5),
        latency(0.99), static_cast<double>(idle.residentKib - empty.residentKib) / streams,
        idle.residentKib, end.residentKib - idle.residentKib,
        100 * (end.cpuSeconds - idle.cpuSeconds) / seconds, seconds);
  }

  const Options& options_;
  int epoll_;
  std::vector<Subscriber> subscribers_;
  std::vector<double> latencies_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::int64_t whole_ = 0;
  double began_ = 0;
  double first_ = 0;
  double last_ = 0;
};

Options parse(std::vector<std::string> arguments) {
  Options options;
  const std::map<std::string, std::function<void(const std::string&)>> setters{
      {"--port", [&](const auto& value) { options.port = std::stoi(value); }},
      {"--target", [&](const auto& value) { options.target = value; }},
      {"--post", [&](const auto& value) { options.post = value; }},
      {"--header", [&](const auto& value) { options.headers.push_back(value); }},
      {"--streams", [&](const auto& value) { options.streams = std::stoul(value); }},
      {"--silent", [&](const auto& value) { options.silent = std::stoul(value); }},
      {"--events", [&](const auto& value) { options.events = std::stol(value); }},
      {"--seconds", [&](const auto& value) { options.seconds = std::stod(value); }},
      {"--pid", [&](const auto& value) { options.pids.push_back(value); }},
      {"--publish", [&](const auto& value) { options.publish = value; }},
      {"--every-us", [&](const auto& value) { options.everyUs = std::stoi(value); }},
      {"--bytes", [&](const auto& value) { options.bytes = std::stoul(value); }}};
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const auto setter = setters.find(arguments[i]);
    if (setter == setters.end() || i + 1 == arguments.size()) {
      throw std::invalid_argument("not an option with a value: " + arguments[i]);
    }
    setter->second(arguments[i + 1]);
  }
  return options;
}

void raiseFileLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace chatbot::bench

int main(int count, char** arguments) try {
  using namespace chatbot::bench;
  raiseFileLimit();
  const Options options = parse({arguments + 1, arguments + count});
  Load(options).run();
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::cerr << "sse_load: " << error.what() << '\n';
  return EXIT_FAILURE;
}
