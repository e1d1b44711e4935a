// Runs libcurl's transfers on one thread with epoll: the cost of a wake-up does not grow with the
// number of transfers (curl_multi_poll looks at all of them each time).
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "base/notifier.h"

namespace chatbot::openai {

// For one thread; only wake() may be called from any.
class CurlLoop {
 public:
  struct Ended {
    CURL* easy = nullptr;
    bool whole = false;
    bool isUnreadable = false;  // in an encoding that libcurl cannot undo, or not in its own
  };

  // Throws std::bad_alloc or std::system_error.
  CurlLoop();
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // Begins a transfer. False where libcurl refuses it.
  bool add(CURL* easy) noexcept;

  // Ends a transfer at once. To be called for each that was added.
  void remove(CURL* easy) noexcept;

  // Waits until a socket is ready, a timer of libcurl is due or wake() was called, and lets libcurl
  // do its work.
  void runOnce() noexcept;

  // A transfer that has ended by itself, each once. remove() is still to be called for it.
  std::optional<Ended> nextEnded() noexcept;

  // Ends the runOnce() that runs, or the next one. Any thread.
  void wake() noexcept;

 private:
  using Clock = std::chrono::steady_clock;
  struct FreeMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };

  static int onSocket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept;
  static int onTimer(CURLM*, long milliseconds, void* self) noexcept;
  void watch(curl_socket_t socket, int what) noexcept;
  int waitMs() const noexcept;
  void act(curl_socket_t socket, int ready) noexcept;
  void clearWakeUp() noexcept;

  std::mutex mutex_;  // guards wakeUp_
  base::Pollable wakeUp_;
  int epoll_ = -1;
  std::optional<Clock::time_point> due_;  // of libcurl's next timer
  std::unique_ptr<CURLM, FreeMulti> multi_;
};

}  // namespace chatbot::openai
