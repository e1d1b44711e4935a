// A client's connection, as httplib reads requests from it and writes answers to it. It differs
// from httplib's own in that it ends at once when the host does, without a poll a hundred times a
// second, and in that headers come as they were sent: httplib 0.11 takes %41 in a header for an A,
// so that one user's name could be read as another's.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "httplib.h"

namespace host {

class Connection : public httplib::Stream {
 public:
  // Owns `socket`. `stopping` is readable once connections are to end.
  Connection(int socket, int stopping) : socket_(socket), stopping_(stopping) {}
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits for the next request. False when none comes within the time, or it is time to end.
  bool awaitRequest(std::chrono::milliseconds timeout);

  bool is_readable() const override;
  bool is_writable() const override;  // false also when the client has gone
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  enum class Part { requestLine, headers, body };

  bool hasInput() const { return begin_ < end_; }
  bool receive();
  void follow(char byte);
  bool isStopping() const;
  bool wait(short event, std::chrono::milliseconds timeout) const;

  const int socket_;
  const int stopping_;
  std::array<char, 4096> input_;  // received and not yet read: from begin_ to end_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  Part part_ = Part::requestLine;
  std::size_t lineLength_ = 0;
  char last_ = 0;
  std::string_view escape_;  // what makes the percent sign that was just read stand for itself
};

}  // namespace host
