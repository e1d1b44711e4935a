// Requests to one model server, all on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace chatbot::openai {

struct TransferEnd {
  bool whole = false;  // the server has ended the answer, and nothing of it is missing
  std::optional<std::chrono::seconds> retryAfter;
  std::string detail;  // libcurl's words, where there are any
  std::int64_t bytesSent = 0;
  std::int64_t bytesReceived = 0;
};

// Whoever has sent a request. All but wanted() are called on the network's thread.
class TransferListener {
 public:
  virtual ~TransferListener() = default;

  // Asked once, before the request is sent: one that is not wanted is let go of.
  virtual bool wanted() const noexcept = 0;

  // Before the body, or its absence.
  virtual void onHead(long status, std::string_view contentType) = 0;
  // A piece of the body. False, or a throw, aborts the transfer.
  virtual bool onBytes(std::string_view piece) = 0;
  // Once, and nothing afterwards; not at all after Network::stop().
  virtual void onEnd(const TransferEnd& end) noexcept = 0;
};

// Any thread. A few names at most are looked up at once, each on a thread of libcurl's: further
// requests wait until these are known. Redirects are not followed, so that the key goes nowhere
// else.
class Network {
 public:
  struct Server {
    std::string url;  // http or https
    std::string key;  // none where empty
    std::string caFile;
  };

  explicit Network(const Server& server);
  ~Network();  // stops
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Sends `body`; `id` names the transfer for abort(). After stop() nothing happens.
  void begin(std::uint64_t id, std::string body, std::shared_ptr<TransferListener> listener);

  // Closes the transfer's connection at once; its listener is told the end. One that has ended
  // already is left alone.
  void abort(std::uint64_t id);

  // Closes all, tells nobody, lets go of all listeners and returns when the thread has ended.
  void stop() noexcept;

 private:
  class Transfer;
  struct Handles;
  struct Command {
    std::uint64_t id = 0;
    std::unique_ptr<Transfer> begun;  // null: abort
  };
  using Transfers = std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>>;

  void post(Command command);
  void work() noexcept;
  bool takeCommands();
  void add(Command& command);
  void openWaiting();
  void takeEnds();
  void end(Transfers::iterator transfer, bool whole);

  const std::unique_ptr<Handles> handles_;
  // The thread's own.
  Transfers transfers_;
  std::deque<std::uint64_t> waiting_;  // those that are not open yet, oldest first

  std::mutex mutex_;
  std::vector<Command> commands_;
  bool stopped_ = false;
  std::mutex joinMutex_;
  std::thread thread_;
};

}  // namespace chatbot::openai
