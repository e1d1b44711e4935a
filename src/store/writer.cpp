#include "store/writer.h"

#include <algorithm>
#include <array>
#include <exception>

#include "database/dialect.h"

namespace chatbot::store {
namespace {

// Enough to make the commit's cost small; more would only make the first caller wait.
constexpr std::size_t kMaxBatch = 256;

}  // namespace

void Writer::write(const Job& job) {
  Waiter self{.job = &job};
  std::unique_lock lock(mutex_);
  take(self, lock);
}

bool Writer::tryWrite(const Job& job) {
  Waiter self{.job = &job, .waitsForOthers = false};
  std::unique_lock lock(mutex_);
  if (isBlocked_) return false;
  take(self, lock);
  return self.ran;
}

// Waits for the turn of `self`, and for its job to be done.
void Writer::take(Waiter& self, std::unique_lock<std::mutex>& lock) {
  waiting_.push_back(&self);
  self.turn.wait(lock, [&] { return self.done || waiting_.front() == &self; });
  if (!self.done) lead(lock);
  lock.unlock();
  if (self.error) std::rethrow_exception(self.error);
}

std::size_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

// A job that does not wait for other processes runs alone: jobs that shared its transaction would
// have to give up with it.
void Writer::lead(std::unique_lock<std::mutex>& lock) {
  const std::size_t most = waiting_.front()->waitsForOthers ? kMaxBatch : 1;
  const std::size_t size = std::min(waiting_.size(), most);
  std::array<Waiter*, kMaxBatch> taken;  // no allocation: a leader that failed would stop everybody
  std::copy_n(waiting_.begin(), size, taken.begin());
  const Batch batch(taken.data(), size);
  lock.unlock();
  commit(batch);
  lock.lock();
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(size));
  // Notified under the lock: a waiter lives on its caller's stack and is gone once it has seen
  // `done`.
  for (Waiter* waiter : batch) {
    waiter->done = true;
    waiter->turn.notify_one();
  }
  if (!waiting_.empty()) waiting_.front()->turn.notify_one();
}

void Writer::commit(Batch batch) {
  if (batch.size() == 1) {
    commitAlone(*batch.front());
  } else {
    commitTogether(batch);
    for (Waiter* waiter : batch) {
      if (waiter->wasUndone) commitAlone(*waiter);
    }
  }
  connection_->checkpoint();
}

void Writer::commitTogether(Batch batch) {
  const database::TransactionGuard transaction(*connection_);
  try {
    begin(*batch.front());
    runAll(batch);
    connection_->commit();
  } catch (const database::UndoneError&) {
    for (Waiter* waiter : batch) waiter->wasUndone = true;
    return;
  } catch (const Error& fault) {
    // A lock that one of them waits for in vain, or a full disk, would keep each of them waiting.
    const bool isOneToBlame = fault.code() != ErrorCode::unavailable;
    return fail(batch, isOneToBlame && !undoesApart() && connection_->inTransaction());
  } catch (...) {
    return fail(batch, !undoesApart() && connection_->inTransaction());
  }
  for (Waiter* waiter : batch) publish(*waiter);
}

// Called while the exception that has ended the batch is being handled.
void Writer::fail(Batch batch, bool isOneToBlame) {
  for (Waiter* waiter : batch) {
    waiter->wasUndone = isOneToBlame;
    waiter->error = std::current_exception();
  }
}

bool Writer::undoesApart() const { return connection_->dialect().hasCheapSavepoints(); }

// Without savepoints a job that fails takes the others with it, and all are done again, alone.
void Writer::runAll(Batch batch) {
  for (Waiter* waiter : batch) {
    undoesApart() ? runApart(*waiter) : (*waiter->job)(*connection_, waiter->changes);
  }
}

void Writer::commitAlone(Waiter& waiter) {
  constexpr int kAttempts = 5;
  waiter.wasUndone = true;
  for (int attempt = 0; waiter.wasUndone && attempt < kAttempts; ++attempt) tryAlone(waiter);
}

void Writer::tryAlone(Waiter& waiter) {
  waiter.wasUndone = false;
  waiter.error = {};
  waiter.changes = {};
  const database::TransactionGuard transaction(*connection_);
  try {
    if (!begin(waiter)) return;
    (*waiter.job)(*connection_, waiter.changes);
    connection_->commit();
  } catch (const database::UndoneError&) {
    waiter.wasUndone = true;
    waiter.error = std::current_exception();
  } catch (...) {
    waiter.error = std::current_exception();
  }
  if (!waiter.error) publish(waiter);
}

bool Writer::begin(Waiter& leader) {
  if (connection_->tryBegin()) return true;
  leader.ran = leader.waitsForOthers;
  if (leader.ran) beginBlocked();
  return leader.ran;
}

void Writer::beginBlocked() {
  isBlocked_ = true;
  try {
    connection_->begin();
  } catch (...) {
    isBlocked_ = false;
    throw;
  }
  isBlocked_ = false;
}

void Writer::runApart(Waiter& waiter) {
  connection_->run("SAVEPOINT job");
  try {
    (*waiter.job)(*connection_, waiter.changes);
    connection_->drain();
  } catch (const database::UndoneError&) {
    waiter.wasUndone = true;
    undo(waiter);
  } catch (...) {
    undo(waiter);
  }
  connection_->run("RELEASE job");
}

// Called while the exception that has ended the waiter's job is being handled.
void Writer::undo(Waiter& waiter) {
  if (!connection_->inTransaction()) throw;
  waiter.error = std::current_exception();
  waiter.changes = {};
  connection_->run("ROLLBACK TO job");
}

void Writer::publish(Waiter& waiter) noexcept {
  if (listener_ && !waiter.wasUndone) listener_(waiter.changes);
}

}  // namespace chatbot::store
