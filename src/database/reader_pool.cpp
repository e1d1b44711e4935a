#include "database/reader_pool.h"

#include <utility>

#include "chatbot/error.h"

namespace chatbot::database {

class ReaderPool::Lease {
 public:
  explicit Lease(ReaderPool& pool) : pool_(pool), connection_(pool.acquire()) {}
  // Drops a connection whose transaction could not be ended.
  ~Lease() {
    if (connection_->inTransaction()) connection_ = nullptr;
    pool_.release(std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Connection& connection() { return *connection_; }

 private:
  ReaderPool& pool_;
  std::unique_ptr<Connection> connection_;
};

ReaderPool::ReaderPool(Open open, std::size_t limit, std::chrono::milliseconds patience)
    : open_(std::move(open)), limit_(limit), patience_(patience) {
  idle_.reserve(limit);
}

void ReaderPool::read(const std::function<void(Connection&)>& work) {
  Lease lease(*this);
  try {
    readOn(lease.connection(), work);
  } catch (const UndoneError&) {
    readOn(lease.connection(), work);
  }
}

void ReaderPool::readOn(Connection& connection, const std::function<void(Connection&)>& work) {
  const TransactionGuard transaction(connection);
  connection.beginRead();
  work(connection);
  connection.commit();
}

std::unique_ptr<Connection> ReaderPool::acquire() {
  {
    std::unique_lock lock(mutex_);
    const bool isFree =
        released_.wait_for(lock, patience_, [&] { return !idle_.empty() || opened_ < limit_; });
    if (!isFree) throw Error(ErrorCode::unavailable, "The store is busy").withRetryAfter(1);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    ++opened_;
  }
  try {
    return open_();
  } catch (...) {
    release(nullptr);
    throw;
  }
}

void ReaderPool::release(std::unique_ptr<Connection> connection) noexcept {
  const std::lock_guard lock(mutex_);
  if (connection == nullptr) {
    --opened_;
  } else {
    idle_.push_back(std::move(connection));  // within the reserved capacity
  }
  released_.notify_one();
}

}  // namespace chatbot::database
