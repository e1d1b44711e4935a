#include "server.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "connection.h"
#include "connection_threads.h"
#include "page.h"
#include "request_body.h"

namespace host {

namespace {

using httplib::Request;
using httplib::Response;
using namespace std::chrono_literals;

constexpr std::size_t kMaxConnections = 4096;
constexpr std::chrono::seconds kKeepAlive{15};

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
  response.set_content(kPage.data(), kPage.size(), "text/html; charset=utf-8");
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

// Whether the end of the request that this thread answers was found. httplib reads the body of no
// GET, HEAD or OPTIONS, nor the rest of one that is broken, and would take it for the next request,
// with whatever identity its sender has put there.
thread_local bool endWasFound = false;

bool readsBody(const Request& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

void closeAfter(Request& request) {
  request.headers.erase("Connection");
  request.set_header("Connection", "close");
}

// Compressing and cutting answers is a proxy's business; as httplib does it, it costs more than all
// the rest.
void askForPlainAnswer(Request& request) {
  request.ranges.clear();
  request.headers.erase("Accept-Encoding");
}

// Before a request is answered.
void prepare(Request& request) {
  endWasFound = readsBody(request) || !announcesBody(request);
  if (!endWasFound) closeAfter(request);
  askForPlainAnswer(request);
}

// After httplib has added its own headers.
void complete(const Request&, Response& response) {
  response.headers.erase("Keep-Alive");
  if (response.status == 204) response.headers.erase("Content-Length");
}

}  // namespace

Server::Server(Endpoints endpoints) : endpoints_(endpoints) {
  configure();
  addRoutes();
}

void Server::configure() {
  new_task_queue = [] { return new ConnectionThreads(kMaxConnections); };
  set_tcp_nodelay(true);
  set_socket_options([](int socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  set_error_handler(HandlerWithResponse(completeError));
  set_exception_handler([](const Request&, Response& response, const std::exception_ptr&) {
    answerError(500, "Internal error", response);
  });
  set_post_routing_handler(complete);
}

void Server::addRoutes() {
  const auto plain = [this](const Request& request, Response& response) {
    answer(request, "", response);
  };
  const auto withBody = [this](const Request& request, Response& response,
                               const httplib::ContentReader& read) {
    const auto body = readBody(request, read);
    endWasFound = body.has_value();
    if (body) answer(request, *body, response);
  };
  Get(kAnyPath, plain).Options(kAnyPath, plain);
  Post(kAnyPath, withBody).Put(kAnyPath, withBody);
  Patch(kAnyPath, withBody).Delete(kAnyPath, withBody);
}

void Server::answer(const Request& request, const std::string& body, Response& response) const {
  if (Endpoints::covers(request.target)) return endpoints_.answer(request, body, response);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path == "/") return sendPage(response);
  answerError(404, "Not Found", response);
}

// Serves one client, request after request.
bool Server::process_and_close_socket(socket_t socket) {
  Connection connection(socket, stopping_.descriptor());
  bool mayGoOn = true;
  while (mayGoOn && connection.awaitRequest(kKeepAlive)) {
    endWasFound = false;
    bool closes = false;
    const bool wasAnswered = process_request(connection, false, closes, prepare);
    mayGoOn = wasAnswered && endWasFound && !closes;
  }
  return true;
}

int Server::bind(const std::string& address, int port) {
  int bound = port;
  if (port == 0) {
    bound = bind_to_any_port(address);
  } else if (!bind_to_port(address, port)) {
    bound = -1;
  }
  if (bound < 0) {
    throw std::runtime_error("cannot listen on " + address + ", port " + std::to_string(port) +
                             ": " + std::strerror(errno));
  }
  // httplib lets five connections wait to be accepted; a crowd that comes at once is more.
  ::listen(svr_sock_, SOMAXCONN);
  return bound;
}

void Server::start(std::function<void()> onFailure) {
  serving_ = std::async(std::launch::async, [this, onFailure = std::move(onFailure)] {
    if (!listen_after_bind()) onFailure();
  });
}

void Server::stop() {
  // httplib forgets a stop that comes before it has begun to accept.
  while (!is_running() && serving_.wait_for(1ms) != std::future_status::ready) {
  }
  httplib::Server::stop();
  stopping_.raise();
  serving_.wait();
}

}  // namespace host
