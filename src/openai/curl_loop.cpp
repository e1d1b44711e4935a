#include "openai/curl_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>

namespace chatbot::openai {
namespace {

constexpr std::size_t kEvents = 128;  // read at once; further ones come with the next wait

// libcurl stays initialised until the process ends: the host may use it, too.
void startCurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::bad_alloc();
}

CURLM* newMulti() {
  startCurl();
  CURLM* const multi = curl_multi_init();
  if (multi == nullptr) throw std::bad_alloc();
  return multi;
}

std::uint32_t eventsFor(int what) noexcept {
  std::uint32_t events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
  return events;
}

int readyFor(std::uint32_t events) noexcept {
  int ready = 0;
  if ((events & EPOLLIN) != 0) ready |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) ready |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) ready |= CURL_CSELECT_ERR;
  return ready;
}

bool control(int epoll, int operation, int descriptor, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  return epoll_ctl(epoll, operation, descriptor, &event) == 0;
}

}  // namespace

CurlLoop::CurlLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)), multi_(newMulti()) {
  if (epoll_ < 0 || !control(epoll_, EPOLL_CTL_ADD, wakeUp_.descriptor(), EPOLLIN)) {
    const std::error_code fault(errno, std::system_category());
    if (epoll_ >= 0) close(epoll_);
    throw std::system_error(fault, "epoll");
  }
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &CurlLoop::onSocket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &CurlLoop::onTimer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
}

CurlLoop::~CurlLoop() {
  multi_.reset();  // closes connections, which calls onSocket()
  close(epoll_);
}

bool CurlLoop::add(CURL* easy) noexcept {
  return curl_multi_add_handle(multi_.get(), easy) == CURLM_OK;
}

void CurlLoop::remove(CURL* easy) noexcept { curl_multi_remove_handle(multi_.get(), easy); }

void CurlLoop::runOnce() noexcept {
  std::array<epoll_event, kEvents> events{};
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), waitMs());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wakeUp_.descriptor()) {
      clearWakeUp();
    } else {
      act(event.data.fd, readyFor(event.events));
    }
  }
  if (!due_ || *due_ > Clock::now()) return;
  due_.reset();
  act(CURL_SOCKET_TIMEOUT, 0);
}

std::optional<CurlLoop::Ended> CurlLoop::nextEnded() noexcept {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    return Ended{.easy = message->easy_handle,
                 .whole = result == CURLE_OK,
                 .isUnreadable = result == CURLE_BAD_CONTENT_ENCODING};
  }
  return std::nullopt;
}

void CurlLoop::wake() noexcept {
  const std::lock_guard lock(mutex_);
  wakeUp_.set(true);
}

void CurlLoop::clearWakeUp() noexcept {
  const std::lock_guard lock(mutex_);
  wakeUp_.set(false);
}

int CurlLoop::onSocket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
  static_cast<CurlLoop*>(self)->watch(socket, what);
  return 0;
}

int CurlLoop::onTimer(CURLM*, long milliseconds, void* self) noexcept {
  std::optional<Clock::time_point>& due = static_cast<CurlLoop*>(self)->due_;
  due.reset();
  if (milliseconds >= 0) due = Clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

// libcurl may close a socket without telling. The socket has then left epoll by itself, and its
// number may be used again: MOD fails, and ADD is right.
void CurlLoop::watch(curl_socket_t socket, int what) noexcept {
  if (what == CURL_POLL_REMOVE) {
    control(epoll_, EPOLL_CTL_DEL, socket, 0);
  } else if (!control(epoll_, EPOLL_CTL_MOD, socket, eventsFor(what))) {
    control(epoll_, EPOLL_CTL_ADD, socket, eventsFor(what));
  }
}

int CurlLoop::waitMs() const noexcept {
  constexpr std::chrono::milliseconds kLongest{60'000};
  if (!due_) return static_cast<int>(kLongest.count());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due_ - Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
}

void CurlLoop::act(curl_socket_t socket, int ready) noexcept {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, ready, &running);
}

}  // namespace chatbot::openai
