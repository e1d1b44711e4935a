// Whether the process of a runner lives, told by a lock that the kernel drops when it dies.
#pragma once

#include <cstdint>
#include <string>

namespace chatbot::store {

// One byte of the file `<database>-runners` for each runner, locked while its store is open (an
// open file description lock, fcntl(2) F_OFD_SETLK). Links to the database are followed, as SQLite
// does for its own files beside it. Where there are no such locks, every runner counts as alive and
// its lease alone decides.
//
// hold() before the others; isHeld() from any thread.
class RunnerLock {
 public:
  // The database is there. Throws Error (unavailable) where the file cannot be opened.
  explicit RunnerLock(const std::string& databasePath);
  ~RunnerLock();
  RunnerLock(const RunnerLock&) = delete;
  RunnerLock& operator=(const RunnerLock&) = delete;

  // For a runner that nobody else has been.
  void hold(std::int64_t runner);

  // Whether another store, of this process or another one, holds it.
  bool isHeld(std::int64_t runner) const noexcept;

 private:
  int descriptor_;
  bool isSupported_ = true;
};

}  // namespace chatbot::store
