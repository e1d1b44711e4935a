#include "shared_engine.h"

#include <pthread.h>

#include <new>

namespace chatbot::capi {
namespace {

// Written by the handler in a child, where one thread runs.
std::atomic<unsigned> count = 0;

void countFork() { count.fetch_add(1, std::memory_order_relaxed); }

// The system takes the handler away when the library is unloaded.
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
