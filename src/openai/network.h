// Requests to one model server, all on one thread with libcurl's event interface.
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

#include "openai/reply_headers.h"

namespace chatbot::openai {

struct TransferEnd {
  bool whole = false;         // the server has ended the answer, and all of it has arrived
  bool isUnreadable = false;  // its encoding (Content-Encoding) cannot be undone
  ReplyHeaders headers;
  std::string detail;  // libcurl's error text; may be empty
  std::int64_t bytesSent = 0;
  std::int64_t bytesReceived = 0;
};

// Receives a transfer. All functions are called on the network's thread; they must not block.
class TransferListener {
 public:
  virtual ~TransferListener() = default;

  // Asked once, before the request is sent: a request that is not wanted is dropped.
  virtual bool wanted() const noexcept = 0;

  // Called once before the body, or where there is none.
  virtual void onHead(long status) = 0;
  // A piece of the body. False, or a throw, aborts the transfer.
  virtual bool onBytes(std::string_view piece) = 0;
  // Called once, as the last call; not at all after Network::stop().
  virtual void onEnd(const TransferEnd& end) noexcept = 0;
};

// All functions may be called from any thread. libcurl looks a host name up on a thread of its own:
// at most a few look-ups run at once, and further requests wait for them. Redirects are not
// followed, so that the key goes nowhere else.
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

  // Sends `body`; `id` names the transfer for abort(). Does nothing after stop().
  void begin(std::uint64_t id, std::string body, std::shared_ptr<TransferListener> listener);

  // Closes the transfer's connection at once; its listener is told of the end. Does nothing where
  // it has ended already.
  void abort(std::uint64_t id);

  // Closes all transfers without telling their listeners, drops the listeners, and returns when the
  // thread has ended.
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
  void end(Transfers::iterator transfer, bool whole, bool isUnreadable = false);

  const std::unique_ptr<Handles> handles_;
  // Used on the network's thread only.
  Transfers transfers_;
  std::deque<std::uint64_t> waiting_;  // not open yet, oldest first

  std::mutex mutex_;  // guards the next two
  std::vector<Command> commands_;
  bool stopped_ = false;
  std::mutex joinMutex_;  // guards thread_: two threads may stop
  std::thread thread_;
};

}  // namespace chatbot::openai
