// The HTTP server: the page at `/`, the chatbot endpoints at `/api/chatbot`, 404 elsewhere.
#pragma once

#include <functional>
#include <future>
#include <string>

#include "endpoints.h"
#include "httplib.h"
#include "stop_signal.h"

namespace host {

class Server : private httplib::Server {
 public:
  explicit Server(Endpoints endpoints);

  // Returns the port that was bound. Throws std::runtime_error.
  int bind(const std::string& address, int port);

  // Serves until stop(). `onFailure` is called, from another thread, if serving ends by itself.
  void start(std::function<void()> onFailure);

  // Ends all connections, but lets the requests that came in whole be answered.
  void stop();

 private:
  void configure();
  void addRoutes();
  void answer(const httplib::Request& request, const std::string& body,
              httplib::Response& response) const;
  bool process_and_close_socket(socket_t socket) override;

  Endpoints endpoints_;
  StopSignal stopping_;
  std::future<void> serving_;
};

}  // namespace host
