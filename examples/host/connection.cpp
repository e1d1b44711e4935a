#include "connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace host {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kReadTimeout = 5s;
constexpr std::chrono::milliseconds kWriteTimeout =
    30s;  // then a client that reads nothing is given up

constexpr int kMaxDropped = 256;  // buffers, for a client that does not end

}  // namespace

// Takes the bytes that the client has sent and nobody has read. Left there, they would make the
// system reset the connection, and the client lose the end of its answer.
Connection::~Connection() {
  shutdown(socket_, SHUT_WR);
  for (int i = 0; i < kMaxDropped; ++i) {
    if (recv(socket_, input_.data(), input_.size(), MSG_DONTWAIT) <= 0) break;
  }
  close(socket_);
}

bool Connection::awaitRequest(std::chrono::milliseconds timeout) {
  part_ = Part::requestLine;
  lineLength_ = 0;
  last_ = 0;
  if (isStopping()) return false;
  return hasInput() || wait(POLLIN, timeout);
}

bool Connection::is_readable() const { return hasInput() || wait(POLLIN, kReadTimeout); }

bool Connection::is_writable() const {
  if (!wait(POLLOUT, kWriteTimeout)) return false;
  char next = 0;
  const auto received = recv(socket_, &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return received > 0 || (received < 0 && errno == EAGAIN);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  return is_writable() ? send(socket_, from, size, MSG_NOSIGNAL) : -1;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (!escape_.empty()) {
    *to = escape_.front();
    escape_.remove_prefix(1);
    return 1;
  }
  if (!hasInput() && !receive()) return -1;
  size = part_ == Part::body ? std::min(size, end_ - begin_) : 1;
  std::memcpy(to, input_.data() + begin_, size);
  begin_ += size;
  if (part_ != Part::body) follow(*to);
  return static_cast<ssize_t>(size);
}

bool Connection::receive() {
  if (!wait(POLLIN, kReadTimeout)) return false;
  const auto received = recv(socket_, input_.data(), input_.size(), 0);
  if (received <= 0) return false;
  begin_ = 0;
  end_ = static_cast<std::size_t>(received);
  return true;
}

// Keeps track of which part of the request is being read.
void Connection::follow(char byte) {
  if (part_ == Part::headers && byte == '%') escape_ = "25";
  const bool endsLine = last_ == '\r' && byte == '\n';
  const bool wasEmpty = lineLength_ == 1;
  last_ = byte;
  ++lineLength_;
  if (!endsLine) return;
  lineLength_ = 0;
  if (part_ == Part::requestLine) {
    part_ = Part::headers;
  } else if (wasEmpty) {
    part_ = Part::body;
  }
}

bool Connection::isStopping() const {
  pollfd watched{stopping_, POLLIN, 0};
  return poll(&watched, 1, 0) > 0;
}

// Waits for `event`, or an error, on the socket. False when nothing came in time, or is there when
// it is time to end.
bool Connection::wait(short event, std::chrono::milliseconds timeout) const {
  std::array<pollfd, 2> watched{{{socket_, event, 0}, {stopping_, POLLIN, 0}}};
  const int milliseconds = static_cast<int>(timeout.count());
  while (poll(watched.data(), watched.size(), milliseconds) < 0 && errno == EINTR) {
  }
  return watched[0].revents != 0;
}

}  // namespace host
