// An engine that its handles share, and the process that it belongs to.
#pragma once

#include <atomic>
#include <memory>

#include "chatbot/engine.h"
#include "chatbot/http.h"

namespace chatbot::capi {

// How many forks lie between the process that called this first and this one. It costs no system
// call but for the first time, which may throw std::bad_alloc. Any thread.
unsigned forks();

// Every handle that comes from an engine holds a reference, so that handles may be freed in any
// order: the engine is shut down with its last handle. Any thread; `down` is set once, before the
// shutdown begins, and calls on the engine look at it first.
struct SharedEngine {
  SharedEngine(const std::shared_ptr<Engine>& opened, const MountOptions& options)
      : engine(opened), mount(opened, options) {}

  // The threads and locks of the process that opened the engine do not exist in its children. The
  // count of forks tells them apart, as a process id may be given again.
  bool inOtherProcess() const noexcept { return forks() != bornAfter; }

  const std::shared_ptr<Engine> engine;
  Mount mount;
  const unsigned bornAfter = forks();
  std::atomic<bool> down = false;
};

}  // namespace chatbot::capi
