// A thread for each connection, as streams stay open for minutes: httplib's own pool of a few
// threads would let a few readers shut everybody else out.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "httplib.h"

namespace host {

class ConnectionThreads : public httplib::TaskQueue {
 public:
  // Connections beyond `maxThreads` wait until another one ends.
  explicit ConnectionThreads(std::size_t maxThreads) : maxThreads_(maxThreads) {}

  void enqueue(std::function<void()> connection) override;

  // Waits until all connections have ended.
  void shutdown() override;

 private:
  void startThread();
  void work();
  std::function<void()> next();

  const std::size_t maxThreads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable ended_;
  std::deque<std::function<void()>> waiting_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  bool closing_ = false;
};

}  // namespace host
