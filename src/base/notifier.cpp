#include "base/notifier.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <utility>

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

// Its mutex guards the list, the entries in it and the callbacks; no callback runs under it.
struct Notifier::Queue {
  void add(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  void work();

  // Not for its own thread: a callback that takes itself back must not wait for its own end.
  bool isRunning(const Entry& entry) const noexcept {
    return running == &entry && std::this_thread::get_id() != threadId;
  }

  std::mutex mutex;  // guards all that follows
  std::condition_variable raised;
  std::condition_variable ran;
  Entry* first = nullptr;
  Entry* last = nullptr;
  const Entry* running = nullptr;
  bool stopped = false;
  std::thread thread;
  std::thread::id threadId;
};

void Notifier::Queue::add(Entry& entry) noexcept {
  entry.due_ = true;
  entry.next_ = nullptr;
  (last == nullptr ? first : last->next_) = &entry;
  last = &entry;
}

void Notifier::Queue::unlink(Entry& entry) noexcept {
  if (!entry.due_) return;
  Entry* before = nullptr;
  for (Entry* each = first; each != &entry; each = each->next_) before = each;
  (before == nullptr ? first : before->next_) = entry.next_;
  if (last == &entry) last = before;
  entry.due_ = false;
}

void Notifier::Queue::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    raised.wait(lock, [&] { return stopped || first != nullptr; });
    if (first == nullptr) return;
    Entry& entry = *first;
    unlink(entry);
    running = &entry;
    // Held while it runs: it may be taken back, with its entry, by itself.
    std::shared_ptr<const Callback> callback = entry.callback_;
    lock.unlock();
    (*callback)();
    callback.reset();
    lock.lock();
    running = nullptr;
    ran.notify_all();
  }
}

Notifier::Notifier() : queue_(std::make_shared<Queue>()) {}

Notifier::~Notifier() { stop(); }

void Notifier::set(Entry& entry, Callback callback) {
  std::shared_ptr<const Callback> next;
  if (callback) next = std::make_shared<const Callback>(std::move(callback));
  Queue& queue = *queue_;
  std::unique_lock lock(queue.mutex);
  if (next != nullptr && queue.stopped) {
    throw Error(ErrorCode::unavailable, "The engine is shut down");
  }
  if (next != nullptr && !queue.thread.joinable()) {
    queue.thread = std::thread([shared = queue_] { shared->work(); });
    queue.threadId = queue.thread.get_id();
  }
  queue.ran.wait(lock, [&] { return !queue.isRunning(entry); });
  entry.callback_.swap(next);
  if (entry.callback_ == nullptr) queue.unlink(entry);
  lock.unlock();  // the earlier one is destroyed without it: what it holds may lead back here
}

bool Notifier::raise(Entry& entry) noexcept {
  const std::lock_guard lock(queue_->mutex);
  if (queue_->stopped) return false;
  if (entry.due_ || entry.callback_ == nullptr) return true;
  queue_->add(entry);
  queue_->raised.notify_one();
  return true;
}

void Notifier::stop() noexcept {
  std::unique_lock lock(queue_->mutex);
  queue_->stopped = true;
  queue_->raised.notify_one();
  std::thread ending = std::move(queue_->thread);
  lock.unlock();
  if (!ending.joinable()) return;
  // Within a callback, the thread ends by itself once that has returned.
  ending.get_id() == std::this_thread::get_id() ? ending.detach() : ending.join();
}

}  // namespace chatbot::base
