// A model server on loopback that plays what a test tells it to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace chatbot::test {

// How a request is answered: the pieces one after the other, each sent by itself.
struct Reply {
  enum class Then { keep, close, reset, hang };

  std::vector<std::string> pieces;
  Then then = Then::keep;  // hang: silence until the client has gone
};

// The head and body of an answer with a status; its connection is kept.
Reply statusReply(int status, std::string body, std::string headers = {});

// The head of a stream of events; the connection is closed after what follows it.
std::string eventHead(std::string_view contentType = "text/event-stream");

// A stream of these events, each one a piece of its own: `data: …`, ended by [DONE].
Reply eventReply(const std::vector<std::string>& data);

// The chunk of a chat completion that holds this text, which needs no escapes.
std::string textChunk(std::string_view text);
inline constexpr const char* kStopChunk =
    R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
inline constexpr const char* kUsageChunk =
    R"({"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7}})";

class ModelServer {
 public:
  struct Request {
    std::string head;
    std::string body;
  };
  // Called on the server's thread.
  using Answerer = std::function<Reply(const Request&)>;

  explicit ModelServer(Answerer answerer);
  // Answers the requests one after the other with these, the last one again and again.
  explicit ModelServer(std::vector<Reply> replies);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  std::string url() const;  // as far as /v1
  std::vector<Request> requests() const;

  // Waits, and says whether it came to be: so many requests were read, all pieces of so many
  // replies sent, so many connections closed by the client.
  bool awaitRequests(std::size_t count) { return await(read_, count); }
  bool awaitSent(std::size_t count) { return await(sent_, count); }
  bool awaitClosed(std::size_t count) { return await(closed_, count); }
  std::size_t closed() const { return closed_; }

  // Sent to the client that hangs, or the next one that does; then goes on as `then` says.
  void goOn(std::vector<std::string> pieces, Reply::Then then);

 private:
  struct Connection;

  static bool await(const std::atomic<std::size_t>& counter, std::size_t count);
  void work();
  void accept();
  void serve(Connection& connection);
  void receive(Connection& connection);
  void takeRequest(Connection& connection);
  void send(Connection& connection);
  void finish(Connection& connection);

  Answerer answerer_;
  int listener_ = -1;
  int port_ = 0;
  std::list<Connection> connections_;  // the thread's own
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::atomic<std::size_t> read_ = 0;
  std::atomic<std::size_t> sent_ = 0;
  std::atomic<std::size_t> closed_ = 0;
  std::deque<Reply> next_;  // what goOn() has said
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace chatbot::test
