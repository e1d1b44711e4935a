// Whether the process of a runner lives, told by a lock that the kernel drops when it dies.
#pragma once

#include <cstdint>
#include <string>

#include "database/database.h"

namespace chatbot::database {

// One byte of the file `<database>-runners` for each runner, locked while its store is open (an
// open file description lock, fcntl(2) F_OFD_SETLK). Links to the database are followed, as SQLite
// does for its own files beside it. Where there are no such locks, every runner counts as alive and
// its lease alone decides.
//
class FileRunnerLock final : public RunnerLock {
 public:
  // The database is there. Throws Error (unavailable) where the file cannot be opened.
  explicit FileRunnerLock(const std::string& databasePath);
  ~FileRunnerLock() override;
  FileRunnerLock(const FileRunnerLock&) = delete;
  FileRunnerLock& operator=(const FileRunnerLock&) = delete;

  void hold(std::int64_t runner) override;
  bool isHeld(std::int64_t runner) const noexcept override;
  bool isExact() const noexcept override { return isSupported_; }

 private:
  int descriptor_;
  bool isSupported_ = true;
};

}  // namespace chatbot::database
