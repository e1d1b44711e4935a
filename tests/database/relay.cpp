#include "database/relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace chatbot::test {
namespace {

constexpr std::size_t kHead = 5;  // a message's type, and its length without the type

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long: " + path);
  path.copy(address.sun_path, path.size());
  return address;
}

int newSocket() {
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::runtime_error(std::strerror(errno));
  return made;
}

bool sendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive(int from, std::string& buffer) {
  std::array<char, 16'384> bytes;
  const ssize_t got = recv(from, bytes.data(), bytes.size(), 0);
  if (got > 0) buffer.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::size_t sizeOf(std::string_view message) {
  std::uint32_t length = 0;
  for (const char byte : message.substr(1, kHead - 1)) {
    length = (length << 8U) | static_cast<unsigned char>(byte);
  }
  return 1 + std::size_t{length};
}

}  // namespace

Relay::Relay(std::string url, Judge judge) : url_(std::move(url)), judge_(std::move(judge)) {
  const std::string key = "host=";
  const std::size_t begin = url_.find(key) + key.size();
  const std::size_t end = std::min(url_.find('&', begin), url_.size());
  server_ = url_.substr(begin, end - begin) + "/.s.PGSQL.5432";
  url_.replace(begin, end - begin, folder_.path());
  const sockaddr_un address = addressOf(folder_.file(".s.PGSQL.5432"));
  listener_ = newSocket();
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (bind(listener_, generic, sizeof address) != 0 || listen(listener_, 16) != 0) {
    throw std::runtime_error(std::strerror(errno));
  }
  thread_ = std::thread([this] { acceptAll(); });
}

Relay::~Relay() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (Way& way : ways_) {
    shutdown(way.client, SHUT_RDWR);
    way.thread.join();
    close(way.client);
    close(way.server);
  }
  close(listener_);
}

void Relay::acceptAll() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = newSocket();
    const sockaddr_un address = addressOf(server_);
    connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    Way& way = ways_.emplace_back(Way{.client = client, .server = server});
    way.thread = std::thread([this, &way] { serve(way); });
  }
}

// Until one side ends, or the judge does it.
void Relay::serve(const Way& way) {
  std::string asked;
  std::string answered;
  for (;;) {
    std::array<pollfd, 2> looks = {{{way.client, POLLIN, 0}, {way.server, POLLIN, 0}}};
    if (poll(looks.data(), looks.size(), -1) < 0) break;
    if (looks[0].revents != 0 && !receive(way.client, asked)) break;
    if (!sendAll(way.server, std::exchange(asked, {}))) break;
    if (looks[1].revents != 0 && !receive(way.server, answered)) break;
    if (!passAnswers(way, answered)) break;
  }
  shutdown(way.client, SHUT_RDWR);
  shutdown(way.server, SHUT_RDWR);
}

bool Relay::passAnswers(const Way& way, std::string& buffer) {
  while (buffer.size() >= kHead && buffer.size() >= sizeOf(buffer)) {
    const std::string message = buffer.substr(0, sizeOf(buffer));
    buffer.erase(0, message.size());
    const Fate fate = judge_(message.front(), std::string_view(message).substr(kHead));
    if (fate == Fate::cut) return false;
    if (fate == Fate::passed && !sendAll(way.client, message)) return false;
  }
  return true;
}

}  // namespace chatbot::test
