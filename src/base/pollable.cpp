#include "base/pollable.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "chatbot/error.h"

namespace chatbot::base {
namespace {

// Above the standard streams: a host that has closed them must not write into ours.
constexpr int kLowestDescriptor = 3;

int makeEvent() {
  const int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0 || made >= kLowestDescriptor) return made;
  const int moved = fcntl(made, F_DUPFD_CLOEXEC, kLowestDescriptor);
  close(made);
  return moved;
}

}  // namespace

Pollable::~Pollable() {
  if (descriptor_ >= 0) close(descriptor_);
}

void Pollable::set(bool ready) noexcept {
  if (ready == ready_) return;
  ready_ = ready;
  if (descriptor_ < 0) return;
  eventfd_t ignored = 0;
  // Neither can fail: the counter goes from 0 to 1 and back.
  (void)(ready ? eventfd_write(descriptor_, 1) : eventfd_read(descriptor_, &ignored));
}

int Pollable::descriptor() {
  if (descriptor_ >= 0) return descriptor_;
  descriptor_ = makeEvent();
  if (descriptor_ < 0) {
    throw Error(ErrorCode::unavailable, "The process has no file descriptor left");
  }
  if (ready_) (void)eventfd_write(descriptor_, 1);
  return descriptor_;
}

}  // namespace chatbot::base
