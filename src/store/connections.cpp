#include "store/connections.h"

#include <chrono>
#include <utility>

#include "chatbot/error.h"
#include "database/database.h"
#include "store/settings.h"

namespace chatbot::store {
namespace {

constexpr int kMaxReaders = 64;

// How long a read waits for those before it, as on a server that does not answer.
constexpr std::chrono::seconds kReaderPatience{5};

std::unique_ptr<database::Connection> openWriter(database::Database& database,
                                                 const StoreOptions& options) {
  if (options.readers < 1 || options.readers > kMaxReaders) {
    throw Error(ErrorCode::invalidArgument, "readers must be from 1 to 64");
  }
  std::unique_ptr<database::Connection> connection = database.openWriter();
  database::migrate(*connection, schemaScripts(connection->dialect()));
  return connection;
}

}  // namespace

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

  database::Connection& connection() { return *connection_; }

 private:
  ReaderPool& pool_;
  std::unique_ptr<database::Connection> connection_;
};

ReaderPool::ReaderPool(Open open, std::size_t limit, std::chrono::milliseconds patience)
    : open_(std::move(open)), limit_(limit), patience_(patience) {
  idle_.reserve(limit);
}

void ReaderPool::read(const std::function<void(database::Connection&)>& work) {
  Lease lease(*this);
  try {
    readOn(lease.connection(), work);
  } catch (const database::UndoneError&) {
    readOn(lease.connection(), work);
  }
}

void ReaderPool::readOn(database::Connection& connection,
                        const std::function<void(database::Connection&)>& work) {
  const database::TransactionGuard transaction(connection);
  connection.beginRead();
  work(connection);
  connection.commit();
}

std::unique_ptr<database::Connection> ReaderPool::acquire() {
  {
    std::unique_lock lock(mutex_);
    const bool isFree =
        released_.wait_for(lock, patience_, [&] { return !idle_.empty() || opened_ < limit_; });
    if (!isFree) throw Error(ErrorCode::unavailable, "The store is busy").withRetryAfter(1);
    if (!idle_.empty()) {
      std::unique_ptr<database::Connection> connection = std::move(idle_.back());
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

void ReaderPool::release(std::unique_ptr<database::Connection> connection) noexcept {
  const std::lock_guard lock(mutex_);
  if (connection == nullptr) {
    --opened_;
  } else {
    idle_.push_back(std::move(connection));  // within the reserved capacity
  }
  released_.notify_one();
}

Connections::Connections(const std::shared_ptr<database::Database>& database,
                         const StoreOptions& options)
    : writer_(openWriter(*database, options)),
      readers_([database] { return database->openReader(); },
               static_cast<std::size_t>(options.readers), kReaderPatience) {}

}  // namespace chatbot::store
