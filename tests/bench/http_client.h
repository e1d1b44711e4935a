// An HTTP client that notes when the bytes come. A request has a connection of its own.
#pragma once

#include <string>
#include <string_view>

#include "figures.h"

namespace chatbot::bench {

class HttpConnection {
 public:
  // Connects to 127.0.0.1 and sends the request. Throws std::system_error.
  HttpConnection(int port, std::string_view request);
  ~HttpConnection();
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;

  // Reads on until `text` has come, and returns when it did. Throws std::runtime_error where the
  // answer ends before.
  Moment readUntil(std::string_view text);

  Moment readToEnd();

  // What has been read so far.
  const std::string& received() const { return received_; }

 private:
  bool readSome();

  int socket_;
  std::string received_;
};

// Of a user of the mandate m0.
std::string getRequest(std::string_view target, std::string_view user,
                       std::string_view role = "user");
std::string postRequest(std::string_view target, std::string_view user, std::string_view body);

// ASCII text for a place in a query string.
std::string percentEncoded(std::string_view text);

}  // namespace chatbot::bench
