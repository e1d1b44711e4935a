// Tells any number of waiting threads, by a descriptor that they can poll, that it is time to end.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace host {

class StopSignal {
 public:
  StopSignal() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category());
  }
  ~StopSignal() {
    raise();
    close(ends_[0]);
  }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Readable once the signal was raised.
  int descriptor() const { return ends_[0]; }

  void raise() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_;
};

}  // namespace host
