// The HTTP server: the page at `/`, the chatbot endpoints at `/api/chatbot`, 404 elsewhere.
#pragma once

#include <functional>
#include <future>
#include <string>

#include "endpoints.h"
#include "httplib.h"

namespace host {

class Server {
 public:
  explicit Server(Endpoints endpoints);

  // Returns the port that was bound. Throws std::runtime_error.
  int bind(const std::string& address, int port);

  // Serves until stop(). `onFailure` is called, from another thread, if serving ends by itself.
  void start(std::function<void()> onFailure);

  // Requests that are being answered may end. False when some connection did not close in time.
  bool stop();

 private:
  void configure();
  void addRoutes();
  void answer(const httplib::Request& request, const std::string& body,
              httplib::Response& response) const;

  Endpoints endpoints_;
  httplib::Server http_;
  int listener_ = -1;
  std::future<void> serving_;
};

}  // namespace host
