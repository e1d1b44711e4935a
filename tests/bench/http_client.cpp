#include "http_client.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace chatbot::bench {
namespace {

constexpr timeval kTimeout{.tv_sec = 30, .tv_usec = 0};

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

std::string headers(std::string_view method, std::string_view target, std::string_view user,
                    std::string_view role) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-User-Id: {}\r\n"
      "X-Mandate-Id: m0\r\nX-Roles: {}\r\n",
      method, target, user, role);
}

}  // namespace

HttpConnection::HttpConnection(int port, std::string_view request)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  check(socket_ >= 0, "socket");
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
  const ssize_t sent = send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
  check(sent == static_cast<ssize_t>(request.size()), "send");
}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) close(socket_);
}

HttpConnection::HttpConnection(HttpConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

Moment HttpConnection::readUntil(std::string_view text) {
  std::size_t searched = 0;
  while (received_.find(text, searched) == std::string::npos) {
    searched = received_.size() - std::min(received_.size(), text.size());
    if (!readSome()) throw std::runtime_error("the answer ended early: " + received_);
  }
  return std::chrono::steady_clock::now();
}

Moment HttpConnection::readToEnd() {
  while (readSome()) continue;
  return std::chrono::steady_clock::now();
}

bool HttpConnection::readSome() {
  std::array<char, 65536> buffer;
  const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
  check(size >= 0, "recv");
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::string getRequest(std::string_view target, std::string_view user, std::string_view role) {
  return headers("GET", target, user, role) + "\r\n";
}

std::string postRequest(std::string_view target, std::string_view user, std::string_view body) {
  return fmt::format("{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                     headers("POST", target, user, "user"), body.size(), body);
}

std::string percentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool isPlain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    encoded += isPlain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace chatbot::bench
