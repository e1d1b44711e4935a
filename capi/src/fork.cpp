#include "fork.h"

#include <pthread.h>

#include <atomic>
#include <new>

namespace chatbot::capi {
namespace {

std::atomic<unsigned> count = 0;

void countFork() { count.fetch_add(1, std::memory_order_relaxed); }

// The handler goes with the library when it is unloaded.
bool watch() {
  if (pthread_atfork(nullptr, nullptr, countFork) != 0) throw std::bad_alloc();
  return true;
}

}  // namespace

unsigned forks() {
  static const bool watched = watch();
  return watched ? count.load(std::memory_order_relaxed) : 0;
}

}  // namespace chatbot::capi
