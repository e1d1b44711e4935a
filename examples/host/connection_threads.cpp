#include "connection_threads.h"

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

namespace host {

namespace {

constexpr std::chrono::seconds kIdleTime{10};

}  // namespace

void ConnectionThreads::enqueue(std::function<void()> connection) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(connection));
  if (waiting_.size() > idle_ && threads_ < maxThreads_) startThread();
  changed_.notify_one();
}

// Where the system has no thread to spare, the connection waits.
void ConnectionThreads::startThread() {
  try {
    std::thread([this] { work(); }).detach();
  } catch (const std::system_error&) {
    return;
  }
  ++threads_;
}

void ConnectionThreads::shutdown() {
  std::unique_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
  ended_.wait(lock, [this] { return threads_ == 0; });
}

void ConnectionThreads::work() {
  while (const auto connection = next()) connection();
}

// The next connection to serve; none when the thread has nothing left to do and is to end.
std::function<void()> ConnectionThreads::next() {
  std::unique_lock lock(mutex_);
  ++idle_;
  changed_.wait_for(lock, kIdleTime, [this] { return closing_ || !waiting_.empty(); });
  --idle_;
  if (waiting_.empty()) {
    if (--threads_ == 0) ended_.notify_all();
    return nullptr;
  }
  auto connection = std::move(waiting_.front());
  waiting_.pop_front();
  return connection;
}

}  // namespace host
