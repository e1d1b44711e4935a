#include "support/model_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace chatbot::test {
namespace {

constexpr std::chrono::seconds kPatience{20};

std::function<Reply(const ModelServer::Request&)> oneAfterTheOther(std::vector<Reply> replies) {
  return [replies = std::move(replies), next = std::size_t{0}](const auto&) mutable {
    const Reply& reply = replies[next];
    if (next + 1 < replies.size()) ++next;
    return reply;
  };
}

std::size_t contentLengthOf(const std::string& head) {
  const std::string name = "Content-Length: ";
  const std::size_t found = head.find(name);
  return found == std::string::npos ? 0
                                    : std::strtoul(head.c_str() + found + name.size(), nullptr, 10);
}

}  // namespace

struct ModelServer::Connection {
  int descriptor = -1;
  std::string received;
  std::deque<std::string> toSend;
  Reply::Then then = Reply::Then::keep;
  bool answering = false;
  bool hanging = false;
  bool over = false;
};

Reply statusReply(int status, std::string body, std::string headers) {
  const std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return {.pieces = {head + body}};
}

std::string eventHead(std::string_view contentType) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(contentType) +
         "\r\nConnection: close\r\n\r\n";
}

Reply eventReply(const std::vector<std::string>& data) {
  Reply reply{.pieces = {eventHead()}, .then = Reply::Then::close};
  for (const std::string& each : data) reply.pieces.push_back("data: " + each + "\n\n");
  reply.pieces.emplace_back("data: [DONE]\n\n");
  return reply;
}

std::string textChunk(std::string_view text) {
  return R"({"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":")" +
         std::string(text) + R"("},"finish_reason":null}]})";
}

ModelServer::ModelServer(std::vector<Reply> replies)
    : ModelServer(oneAfterTheOther(std::move(replies))) {}

ModelServer::ModelServer(Answerer answerer)
    : answerer_(std::move(answerer)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, plain, size) != 0 || listen(listener_, 1024) != 0 ||
      getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("no port for the model server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { work(); });
}

ModelServer::~ModelServer() {
  stopped_ = true;
  thread_.join();
  for (const Connection& connection : connections_) ::close(connection.descriptor);
  ::close(listener_);
}

std::string ModelServer::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

std::vector<ModelServer::Request> ModelServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool ModelServer::await(const std::atomic<std::size_t>& counter, std::size_t count) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (counter < count) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void ModelServer::goOn(std::vector<std::string> pieces, Reply::Then then) {
  const std::lock_guard lock(mutex_);
  next_.push_back({.pieces = std::move(pieces), .then = then});
}

// Looks at all connections each millisecond at the latest; a piece is sent at each look.
void ModelServer::work() {
  while (!stopped_) {
    std::vector<pollfd> polled = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Connection& connection : connections_) {
      polled.push_back({.fd = connection.descriptor, .events = POLLIN, .revents = 0});
    }
    poll(polled.data(), polled.size(), 1);
    accept();
    for (Connection& connection : connections_) serve(connection);
    std::erase_if(connections_, [](const Connection& connection) { return connection.over; });
  }
}

void ModelServer::accept() {
  int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (descriptor >= 0) {
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections_.emplace_back().descriptor = descriptor;
    descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  }
}

void ModelServer::serve(Connection& connection) {
  receive(connection);
  if (!connection.over && !connection.answering) takeRequest(connection);
  if (connection.hanging) {
    const std::lock_guard lock(mutex_);
    if (!next_.empty()) {
      connection.hanging = false;
      connection.toSend.assign(next_.front().pieces.begin(), next_.front().pieces.end());
      connection.then = next_.front().then;
      next_.pop_front();
    }
  }
  if (!connection.over && connection.answering && !connection.hanging) send(connection);
}

void ModelServer::receive(Connection& connection) {
  std::array<char, 65536> bytes{};
  ssize_t size = recv(connection.descriptor, bytes.data(), bytes.size(), 0);
  while (size > 0) {
    connection.received.append(bytes.data(), static_cast<std::size_t>(size));
    size = recv(connection.descriptor, bytes.data(), bytes.size(), 0);
  }
  const bool gone = size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  if (!gone) return;
  ::close(connection.descriptor);
  connection.over = true;
  ++closed_;
}

void ModelServer::takeRequest(Connection& connection) {
  const std::size_t end = connection.received.find("\r\n\r\n");
  if (end == std::string::npos) return;
  Request request{.head = connection.received.substr(0, end + 2), .body = {}};
  const std::size_t size = contentLengthOf(request.head);
  if (connection.received.size() < end + 4 + size) return;
  request.body = connection.received.substr(end + 4, size);
  connection.received.erase(0, end + 4 + size);
  const Reply reply = answerer_(request);
  connection.toSend.assign(reply.pieces.begin(), reply.pieces.end());
  connection.then = reply.then;
  connection.answering = true;
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
  ++read_;
}

void ModelServer::send(Connection& connection) {
  if (connection.toSend.empty()) return finish(connection);
  std::string& piece = connection.toSend.front();
  const ssize_t size = ::send(connection.descriptor, piece.data(), piece.size(), MSG_NOSIGNAL);
  if (size < 0) return;  // a client that has gone is found by receive()
  piece.erase(0, static_cast<std::size_t>(size));
  if (piece.empty()) connection.toSend.pop_front();
  if (connection.toSend.empty()) finish(connection);
}

void ModelServer::finish(Connection& connection) {
  ++sent_;
  if (connection.then == Reply::Then::hang) {
    connection.hanging = true;
    return;
  }
  connection.answering = false;
  if (connection.then == Reply::Then::keep) return;
  if (connection.then == Reply::Then::reset) {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  ::close(connection.descriptor);
  connection.over = true;
}

}  // namespace chatbot::test
