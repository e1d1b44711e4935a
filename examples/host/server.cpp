#include "server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "connection_threads.h"
#include "page.h"
#include "request_body.h"

namespace host {

namespace {

using httplib::Request;
using httplib::Response;
using namespace std::chrono_literals;

constexpr std::size_t kMaxConnections = 4096;

// Every path: what it means is decided below and in the library.
const char* const kAnyPath = R"([\s\S]*)";

void sendPage(Response& response) {
  response.status = 200;
  response.set_header("Cache-Control", "no-cache");
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; connect-src 'self'; img-src data:; "
                      "script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.set_content_provider(
      kPage.size(), "text/html; charset=utf-8",
      [](std::size_t offset, std::size_t length, httplib::DataSink& client) {
        return client.write(kPage.data() + offset, length);
      });
}

const char* reason(int status) {
  switch (status) {
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    default:
      return status < 500 ? "Bad Request" : "Internal error";
  }
}

// Gives the answers that httplib makes by itself, such as 414, the form of all others.
httplib::Server::HandlerResponse completeError(const Request&, Response& response) {
  if (response.has_header("Content-Type")) return httplib::Server::HandlerResponse::Unhandled;
  answerError(response.status, reason(response.status), response);
  return httplib::Server::HandlerResponse::Handled;
}

// httplib reads the body of no GET, HEAD or OPTIONS and would take it for the next request, which
// would then carry whatever identity its sender has put there.
httplib::Server::HandlerResponse refuseUnreadable(const Request& request, Response& response) {
  const bool bodiless =
      request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  if (connectionIsLost()) {
    answerError(400, "Bad Request", response);
  } else if (bodiless && announcesBody(request)) {
    loseConnection();
    answerError(400, "a " + request.method + " request must not have a body", response);
  } else {
    return httplib::Server::HandlerResponse::Unhandled;
  }
  return httplib::Server::HandlerResponse::Handled;
}

}  // namespace

Server::Server(Endpoints endpoints) : endpoints_(endpoints) {
  configure();
  addRoutes();
}

void Server::configure() {
  http_.new_task_queue = [] { return new ConnectionThreads(kMaxConnections); };
  http_.set_tcp_nodelay(true);
  http_.set_keep_alive_max_count(std::numeric_limits<std::int32_t>::max());
  http_.set_keep_alive_timeout(1);  // no longer, as stop() has to wait for it
  http_.set_write_timeout(30s);     // then a client that does not read is given up
  http_.set_socket_options([this](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    listener_ = socket;
  });
  http_.set_error_handler(httplib::Server::HandlerWithResponse(completeError));
  http_.set_pre_routing_handler(refuseUnreadable);
  http_.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
    answerError(500, "Internal error", response);
  });
  http_.set_post_routing_handler([](const Request&, Response& response) {
    if (response.status == 204) response.headers.erase("Content-Length");
  });
}

void Server::addRoutes() {
  const auto plain = [this](const Request& request, Response& response) {
    answer(request, "", response);
  };
  const auto withBody = [this](const Request& request, Response& response,
                               const httplib::ContentReader& read) {
    if (const auto body = readBody(request, read)) return answer(request, *body, response);
    loseConnection();
  };
  http_.Get(kAnyPath, plain).Options(kAnyPath, plain);
  http_.Post(kAnyPath, withBody).Put(kAnyPath, withBody);
  http_.Patch(kAnyPath, withBody).Delete(kAnyPath, withBody);
}

void Server::answer(const Request& request, const std::string& body, Response& response) const {
  if (Endpoints::covers(request.target)) return endpoints_.answer(request, body, response);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path == "/") return sendPage(response);
  answerError(404, "Not Found", response);
}

int Server::bind(const std::string& address, int port) {
  int bound = port;
  if (port == 0) {
    bound = http_.bind_to_any_port(address);
  } else if (!http_.bind_to_port(address, port)) {
    bound = -1;
  }
  if (bound < 0) {
    throw std::runtime_error("cannot listen on " + address + ", port " + std::to_string(port) +
                             ": " + std::strerror(errno));
  }
  // httplib lets five connections wait to be accepted; a crowd that comes at once is more.
  ::listen(listener_, SOMAXCONN);
  return bound;
}

void Server::start(std::function<void()> onFailure) {
  serving_ = std::async(std::launch::async, [this, onFailure = std::move(onFailure)] {
    if (!http_.listen_after_bind()) onFailure();
  });
}

bool Server::stop() {
  // httplib forgets a stop that comes before it has begun to accept.
  while (!http_.is_running() && serving_.wait_for(1ms) != std::future_status::ready) {
  }
  http_.stop();
  return serving_.wait_for(1500ms) == std::future_status::ready;
}

}  // namespace host
