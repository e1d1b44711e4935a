#include "store/sqlite/runner_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include "chatbot/error.h"

namespace chatbot::store {
namespace {

struct flock byteOf(std::int64_t runner) noexcept {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = runner;
  lock.l_len = 1;
  return lock;
}

[[noreturn]] void refuse() {
  throw Error(ErrorCode::unavailable, "The store's file of runners cannot be locked");
}

}  // namespace

RunnerLock::RunnerLock(const std::string& databasePath)
    : descriptor_(open((databasePath + "-runners").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) refuse();
}

RunnerLock::~RunnerLock() { close(descriptor_); }

#ifdef F_OFD_SETLK

void RunnerLock::hold(std::int64_t runner) {
  struct flock lock = byteOf(runner);
  if (fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) refuse();
}

bool RunnerLock::isHeld(std::int64_t runner) const noexcept {
  struct flock lock = byteOf(runner);
  return fcntl(descriptor_, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

#else

void RunnerLock::hold(std::int64_t) {}

bool RunnerLock::isHeld(std::int64_t) const noexcept { return true; }

#endif

}  // namespace chatbot::store
