// The one writer: all changes go through one connection, and callers that wait at the same time
// share one transaction (group commit).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chatbot/environment.h"
#include "chatbot/store.h"
#include "database/driver.h"
#include "store/count_cache.h"

namespace chatbot::store {

// A change of a workflow, for listeners and peers.
struct CommittedChange {
  std::string workflowId;
  std::int64_t lastSeq = 0;
  std::int64_t round = 0;
  WorkflowStatus status = WorkflowStatus::running;
  bool finishesDraft = false;
  bool removed = false;
  std::vector<std::shared_ptr<const Item>> items{};
};

// The effects of a job that matter once it is committed.
struct Changes {
  std::vector<CommittedChange> published;
  std::vector<RowChange> rows;
  std::optional<Instant> heartbeatAt;  // of a heartbeat that was written (see membership.h)
};

// Any thread. There is no thread of its own: the caller that has waited longest does the work of
// all that wait with it.
class Writer {
 public:
  using Job = std::function<void(database::Connection&, Changes&)>;

  explicit Writer(std::unique_ptr<database::Connection> connection)
      : connection_(std::move(connection)) {}

  // Must not throw; the changes are the listener's to take apart. Set before the first write.
  using Listener = std::function<void(Changes&)>;
  void onCommit(Listener listener) { listener_ = std::move(listener); }

  // Runs `job` in a transaction, commits it, and tells its changes to the listener. What the job
  // throws undoes the job alone and is thrown again; when the commit fails, all jobs that shared it
  // fail. A job that was undone by no fault of its own (UndoneError) is run again, a few times, so
  // it must not use up what it is given.
  void write(const Job& job);

  // The same where no other process holds the database's lock; false at once where one does: then
  // the job has not run. A caller that waits in write() at that moment does so for both.
  bool tryWrite(const Job& job);

  // Callers inside write() at this moment.
  std::size_t waiting() const;

 private:
  struct Waiter {
    const Job* job;
    Changes changes{};
    std::exception_ptr error{};
    bool waitsForOthers = true;  // processes
    bool ran = true;
    bool wasUndone = false;
    bool done = false;
    std::condition_variable turn{};
  };
  using Batch = std::span<Waiter* const>;

  void take(Waiter& self, std::unique_lock<std::mutex>& lock);
  bool begin(Waiter& leader);
  void beginBlocked();
  void lead(std::unique_lock<std::mutex>& lock);
  void commit(Batch batch);
  void commitTogether(Batch batch);
  void runAll(Batch batch);
  void fail(Batch batch, bool isOneToBlame);
  bool undoesApart() const;
  void commitAlone(Waiter& waiter);
  void tryAlone(Waiter& waiter);
  void runApart(Waiter& waiter);
  void undo(Waiter& waiter);
  void rollback() noexcept;
  void publish(Waiter& waiter) noexcept;

  std::unique_ptr<database::Connection> connection_;  // the leader's
  Listener listener_;
  std::atomic<bool> isBlocked_ = false;  // by another process
  mutable std::mutex mutex_;
  std::deque<Waiter*> waiting_;  // its first is the leader
};

}  // namespace chatbot::store
