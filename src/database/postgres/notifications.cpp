#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/encoding.h"
#include "database/postgres/connection.h"
#include "database/postgres/result.h"

namespace chatbot::database {
namespace {

// PostgreSQL's limit for a payload is 8,000 bytes.
constexpr std::size_t kMaxPayload = 7'900;

// The announcements that are kept while the server is away: hosts look by themselves, too.
constexpr std::size_t kMaxAnnounced = 10'000;

constexpr int kRetryMilliseconds = 250;

constexpr char kBetween = '\n';

// Imports of the host's own may have other ids. Peers find the changes of those workflows when they
// look by themselves.
bool isAnnounceable(std::string_view workflowId) noexcept {
  const auto isPlain = [](char c) { return c > ' ' && c <= '~'; };
  return workflowId.size() < kMaxPayload && std::ranges::all_of(workflowId, isPlain);
}

// A descriptor that another thread makes readable.
class Signal {
 public:
  Signal() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  ~Signal() { close(descriptor_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void raise() const noexcept { eventfd_write(descriptor_, 1); }
  void lower() const noexcept {
    eventfd_t ignored = 0;
    eventfd_read(descriptor_, &ignored);
  }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

class PostgresWakeups final : public Wakeups {
 public:
  PostgresWakeups(std::shared_ptr<PostgresServer> server, OnWake onWake)
      : server_(std::move(server)), onWake_(std::move(onWake)), thread_([this] { work(); }) {}

  ~PostgresWakeups() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    signal_.raise();
    thread_.join();
  }
  PostgresWakeups(const PostgresWakeups&) = delete;
  PostgresWakeups& operator=(const PostgresWakeups&) = delete;

  void announce(std::string_view workflowId) noexcept override {
    if (!isAnnounceable(workflowId)) return;
    try {
      const std::lock_guard lock(mutex_);
      if (announced_.size() >= kMaxAnnounced) return;
      if (!announced_.emplace(workflowId).second || announced_.size() > 1) return;
    } catch (const std::exception&) {
      return;
    }
    signal_.raise();
  }

  bool areHeard() const noexcept override { return areHeard_; }

 private:
  bool isStopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  void work() noexcept {
    while (!isStopped()) {
      try {
        listen();
        areHeard_ = true;
        onWake_({});
        while (!isStopped()) turn();
      } catch (const std::exception&) {
        areHeard_ = false;
        takeBack();
        wait(-1, 0, kRetryMilliseconds);
      }
      handle_.reset();
    }
  }

  // The announcements that were being sent may be lost with the connection.
  void takeBack() noexcept {
    const std::lock_guard lock(mutex_);
    announced_.merge(sending_);
    sending_.clear();
  }

  // Named by a hash: a schema's name may be as long as a channel's.
  void listen() {
    handle_ = server_->connect();
    channel_ =
        ask("SET synchronous_commit = off; SELECT 'chatbot_' || "
            "left(encode(sha256(convert_to(current_schema(), 'UTF8')), 'hex'), 32)");
    ask(("LISTEN " + channel_).c_str());
  }

  std::string ask(const char* sql) {
    const Deadline deadline = std::chrono::steady_clock::now() + server_->patience();
    const PostgresResult result = execute(handle_.get(), sql, {}, deadline);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) return {};
    if (status != PGRES_TUPLES_OK || PQgetisnull(result.get(), 0, 0) == 1) lose();
    return PQgetvalue(result.get(), 0, 0);
  }

  void turn() {
    if (sending_.empty()) send();
    const int flushed = PQflush(handle_.get());
    if (flushed < 0) lose();
    const int longest = sending_.empty() ? -1 : kRetryMilliseconds;
    wait(PQsocket(handle_.get()), flushed > 0 ? POLLIN | POLLOUT : POLLIN, longest);
    if (PQconsumeInput(handle_.get()) == 0) lose();
    if (!sending_.empty() && PQisBusy(handle_.get()) == 0) finishSending();
    if (!sending_.empty() && std::chrono::steady_clock::now() > answerDue_) lose();
    wake();
  }

  void wait(int socket, short events, int timeout) {
    std::array<struct pollfd, 2> looks = {{{signal_.descriptor(), POLLIN, 0}, {socket, events, 0}}};
    poll(looks.data(), looks.size(), timeout);
    if (looks[0].revents != 0) signal_.lower();
  }

  std::string takePayload() {
    std::string payload;
    const std::lock_guard lock(mutex_);
    while (!announced_.empty() && payload.size() + announced_.begin()->size() < kMaxPayload) {
      if (!payload.empty()) payload += kBetween;
      payload += *announced_.begin();
      sending_.insert(announced_.extract(announced_.begin()));
    }
    return payload;
  }

  void send() {
    const std::string payload = takePayload();
    if (payload.empty()) return;
    const std::array values = {channel_.c_str(), payload.c_str()};
    const int sent = PQsendQueryParams(handle_.get(), "SELECT pg_notify($1, $2)", 2, nullptr,
                                       values.data(), nullptr, nullptr, 0);
    if (sent == 0) lose();
    answerDue_ = std::chrono::steady_clock::now() + server_->patience();
  }

  void finishSending() {
    for (;;) {
      const PostgresResult result(PQgetResult(handle_.get()));
      if (result == nullptr) break;
      if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) continue;
      if (endsConnection(sqlStateOf(result.get()))) lose();
      server_->log(LogLevel::warning, "PostgreSQL takes no notification",
                   PQresultErrorMessage(result.get()));
    }
    sending_.clear();
  }

  void wake() {
    std::set<std::string, std::less<>> woken;
    struct FreeNotification {
      void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
    };
    for (;;) {
      const std::unique_ptr<PGnotify, FreeNotification> notification(PQnotifies(handle_.get()));
      if (notification == nullptr) break;
      if (notification->be_pid != PQbackendPID(handle_.get())) add(notification->extra, woken);
    }
    for (const std::string& workflowId : woken) onWake_(workflowId);
  }

  static void add(std::string_view payload, std::set<std::string, std::less<>>& woken) {
    while (!payload.empty()) {
      const std::size_t end = std::min(payload.find(kBetween), payload.size());
      woken.emplace(payload.substr(0, end));
      payload.remove_prefix(std::min(end + 1, payload.size()));
    }
  }

  [[noreturn]] void lose() {
    server_->log(LogLevel::warning, "the connection for PostgreSQL's notifications is lost",
                 PQerrorMessage(handle_.get()));
    throw unreachable();
  }

  const std::shared_ptr<PostgresServer> server_;
  const OnWake onWake_;
  const Signal signal_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> announced_;  // guarded by mutex_
  bool stopped_ = false;                          // guarded by mutex_
  std::atomic<bool> areHeard_ = false;

  // Used on thread_ only.
  PostgresHandle handle_;
  std::string channel_;
  std::set<std::string, std::less<>> sending_;
  Deadline answerDue_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

std::unique_ptr<Wakeups> postgresWakeups(std::shared_ptr<PostgresServer> server, OnWake onWake) {
  return std::make_unique<PostgresWakeups>(std::move(server), std::move(onWake));
}

}  // namespace chatbot::database
