#include "base/scheduler.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace chatbot::base {

// Guarded by the core's mutex.
struct Scheduler::Part {
  bool isRunning() const noexcept { return ranBy != std::thread::id(); }

  const Timers::Tasks tasks;
  const std::optional<Instant::duration> interval{};  // of a repeated task
  std::map<Key, Task> waiting{};
  std::thread::id ranBy{};  // the thread that runs one of its tasks
  bool woken = false;       // a repeated task is to run again at once
  bool stopped = false;
};

// Invariant: while a task waits whose part is not running, a thread watches the clock, is about to,
// or cannot be made.
class Scheduler::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(std::shared_ptr<Environment> environment) : environment_(std::move(environment)) {}

  void open() {
    const std::lock_guard lock(mutex_);
    addThread();
  }

  // No part is left: each holds the scheduler.
  void close() noexcept {
    std::vector<std::thread> ending;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      ending.swap(threads_);
      changed_.notify_all();
      left_.notify_all();
    }
    for (std::thread& thread : ending) {
      thread.get_id() == std::this_thread::get_id() ? thread.detach() : thread.join();
    }
  }

  void enlist(std::shared_ptr<Part> part) {
    const std::lock_guard lock(mutex_);
    parts_.push_back(std::move(part));
  }

  Key schedule(Part& part, Instant at, Task&& task) {
    const std::lock_guard lock(mutex_);
    const Key key{.at = at, .id = ++lastId_};
    if (part.stopped) return key;
    part.waiting.emplace(key, std::move(task));
    if (part.waiting.begin()->first == key && !part.isRunning()) attend();
    return key;
  }

  void cancel(Part& part, const Key& key) noexcept {
    Task dropped;  // destroyed without the lock: what it holds may lead back here
    const std::lock_guard lock(mutex_);
    const auto found = part.waiting.find(key);
    if (found == part.waiting.end()) return;
    dropped = std::move(found->second);
    part.waiting.erase(found);
  }

  void repeat(Part& part, Task&& work) {
    const std::lock_guard lock(mutex_);
    if (part.stopped) return;
    part.waiting.emplace(nextOf(part), std::move(work));
    attend();
  }

  // Moves the waiting node, which cannot fail: work that an engine lives by is never lost to want
  // of memory. Work that is being done looks at the flag when it has ended.
  void wake(Part& part) noexcept {
    const std::lock_guard lock(mutex_);
    part.woken = true;
    if (part.isRunning() || part.waiting.empty()) return;
    auto node = part.waiting.extract(part.waiting.begin());
    node.key() = nextOf(part);
    part.waiting.insert(std::move(node));
    attend();
  }

  void stop(Part& part) noexcept {
    std::map<Key, Task> dropped;
    std::unique_lock lock(mutex_);
    part.stopped = true;
    dropped.swap(part.waiting);
    ran_.wait(lock, [&] { return !part.isRunning() || part.ranBy == std::this_thread::get_id(); });
    std::erase_if(parts_, [&](const auto& listed) { return listed.get() == &part; });
  }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void addThread() {
    threads_.reserve(threads_.size() + 1);
    threads_.emplace_back([core = shared_from_this()] { core->work(); });
  }

  // When a repeated task is due next.
  Key nextOf(Part& part) noexcept {
    const Instant now = environment_->now();
    const bool woken = std::exchange(part.woken, false);
    return {.at = woken ? now : now + *part.interval, .id = ++lastId_};
  }

  // Has a thread look at what is waiting.
  void attend() noexcept {
    if (watched_) return changed_.notify_one();
    if (idle_ > 0) return left_.notify_one();
    if (closed_ || threads_.size() >= parts_.size()) return;
    try {
      addThread();
    } catch (const std::exception&) {
      // The threads that are there look when they have done what they are at.
    }
  }

  void work() {
    Lock lock(mutex_);
    while (!closed_) {
      if (!watched_) {
        watch(lock);
        continue;
      }
      ++idle_;
      left_.wait(lock);
      --idle_;
    }
  }

  // Until a task was run that may wait.
  void watch(Lock& lock) {
    watched_ = true;
    while (!closed_) {
      const std::shared_ptr<Part> next = first();
      if (next == nullptr) {
        changed_.wait(lock);
        continue;
      }
      if (const Instant at = next->waiting.begin()->first.at; at > environment_->now()) {
        environment_->waitUntil(changed_, lock, at);
        continue;
      }
      if (next->tasks == Timers::Tasks::prompt) {
        run(lock, *next);
        continue;
      }
      next->ranBy = std::this_thread::get_id();
      watched_ = false;
      if (first() != nullptr) attend();
      return run(lock, *next);
    }
    watched_ = false;
  }

  // The part, of those that do not run, whose task is due first.
  std::shared_ptr<Part> first() const noexcept {
    std::shared_ptr<Part> found;
    for (const std::shared_ptr<Part>& part : parts_) {
      if (part->isRunning() || part->waiting.empty()) continue;
      if (!found || part->waiting.begin()->first < found->waiting.begin()->first) found = part;
    }
    return found;
  }

  void run(Lock& lock, Part& part) {
    auto node = part.waiting.extract(part.waiting.begin());
    part.ranBy = std::this_thread::get_id();
    lock.unlock();
    node.mapped()();
    if (!part.interval) node.mapped() = nullptr;  // what it holds is let go of without the lock
    lock.lock();
    if (part.interval && !part.stopped) {
      node.key() = nextOf(part);
      part.waiting.insert(std::move(node));
    } else if (part.interval) {
      lock.unlock();
      node.mapped() = nullptr;
      lock.lock();
    }
    part.ranBy = {};
    if (part.stopped) ran_.notify_all();
    if (watched_ && !part.waiting.empty()) changed_.notify_one();
  }

  const std::shared_ptr<Environment> environment_;
  std::mutex mutex_;                          // guards all that follows
  std::condition_variable changed_;           // what is due first, for the thread that watches
  std::condition_variable left_;              // the clock, for idle threads
  std::condition_variable ran_;               // a task of a part that was stopped
  std::vector<std::shared_ptr<Part>> parts_;  // a handful
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  std::uint64_t lastId_ = 0;
  bool watched_ = false;  // by one of the threads
  bool closed_ = false;
};

Scheduler::Scheduler(std::shared_ptr<Environment> environment)
    : core_(std::make_shared<Core>(std::move(environment))) {
  core_->open();
}

Scheduler::~Scheduler() { core_->close(); }

Timers::Timers(std::shared_ptr<Scheduler> scheduler, Tasks tasks)
    : scheduler_(std::move(scheduler)),
      part_(std::make_shared<Scheduler::Part>(Scheduler::Part{.tasks = tasks})) {
  scheduler_->core_->enlist(part_);
}

Timers::Timers(std::shared_ptr<Environment> environment)
    : Timers(std::make_shared<Scheduler>(std::move(environment)), Tasks::mayWait) {}

Timers::~Timers() { stop(); }

Timers::Key Timers::schedule(Instant at, Task task) {
  return scheduler_->core_->schedule(*part_, at, std::move(task));
}

void Timers::cancel(const Key& key) noexcept { scheduler_->core_->cancel(*part_, key); }

void Timers::stop() noexcept { scheduler_->core_->stop(*part_); }

RepeatedTask::RepeatedTask(std::shared_ptr<Scheduler> scheduler, std::chrono::milliseconds interval)
    : scheduler_(std::move(scheduler)),
      part_(std::make_shared<Scheduler::Part>(
          Scheduler::Part{.tasks = Timers::Tasks::mayWait, .interval = interval})) {
  scheduler_->core_->enlist(part_);
}

RepeatedTask::~RepeatedTask() { stop(); }

void RepeatedTask::start(Scheduler::Task work) {
  scheduler_->core_->repeat(*part_, std::move(work));
}

void RepeatedTask::wake() noexcept { scheduler_->core_->wake(*part_); }

void RepeatedTask::stop() noexcept { scheduler_->core_->stop(*part_); }

}  // namespace chatbot::base
