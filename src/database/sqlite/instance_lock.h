// Whether the process of a instance lives, told by a lock that the kernel drops when it dies.
#pragma once

#include <cstdint>
#include <string>

#include "database/database.h"

namespace chatbot::database {

// One byte of the file `<database>-runners` for each instance, locked while its store is open (an
// open file description lock, fcntl(2) F_OFD_SETLK). Links to the database are followed, as SQLite
// does for its own files beside it. Where there are no such locks, every instance counts as alive
// and its lease alone decides.
//
class FileInstanceLock final : public InstanceLock {
 public:
  // The database is there. Throws Error (unavailable) where the file cannot be opened.
  explicit FileInstanceLock(const std::string& databasePath);
  ~FileInstanceLock() override;
  FileInstanceLock(const FileInstanceLock&) = delete;
  FileInstanceLock& operator=(const FileInstanceLock&) = delete;

  void hold(std::int64_t instance) override;
  bool isHeld(std::int64_t instance) const noexcept override;
  bool isExact() const noexcept override { return isSupported_; }

 private:
  int descriptor_;
  bool isSupported_ = true;
};

}  // namespace chatbot::database
