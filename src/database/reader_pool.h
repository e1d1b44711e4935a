// Read-only connections, shared by all callers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "database/driver.h"

namespace chatbot::database {

// Any thread. Waits for a connection when all are in use, `patience` at most.
class ReaderPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>()>;

  // Opens connections when they are first needed, `limit` at most.
  ReaderPool(Open open, std::size_t limit, std::chrono::milliseconds patience);

  // Runs `work` on a connection, within one read transaction: all that it reads is of one moment.
  // Where the connection is lost meanwhile, once more.
  void read(const std::function<void(Connection&)>& work);

 private:
  class Lease;
  static void readOn(Connection& connection, const std::function<void(Connection&)>& work);
  std::unique_ptr<Connection> acquire();
  void release(std::unique_ptr<Connection> connection) noexcept;

  Open open_;
  std::size_t limit_;
  std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t opened_ = 0;
};

}  // namespace chatbot::database
