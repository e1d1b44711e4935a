// What a stream's reader and those who wake it share.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "chatbot/stream.h"
#include "stream/pollable.h"
#include "stream/scheduler.h"

namespace chatbot {

// Its reader calls next(); everything else comes from any thread.
struct Stream::State : std::enable_shared_from_this<Stream::State> {
 public:
  struct Setup {
    std::shared_ptr<Store> store;
    std::shared_ptr<Environment> environment;
    std::shared_ptr<Scheduler> scheduler;
    Scope scope;
    std::string workflowId;
    StreamStart start;
    std::function<bool()> mayRead;
    std::chrono::milliseconds keepalive;
    std::chrono::milliseconds lifetime;
    std::shared_ptr<void> slot;           // given back when the stream is gone
    std::function<void(State&)> release;  // takes the stream out of the hub
  };

  explicit State(Setup setup);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  StreamEvent next(Timeout timeout);
  void wakeFor(const Change& change) noexcept;
  void finish(StreamEnd end) noexcept;  // the first end holds
  void setBacklog(bool backlog) noexcept;
  void arm();  // sets the timer for the next deadline

  int pollable();
  StreamEnd end() const noexcept;
  WorkflowStatus status() const noexcept;
  bool mayRead() const { return setup_.mayRead(); }
  const std::string& workflowId() const noexcept { return setup_.workflowId; }
  void leaveHub() { setup_.release(*this); }

 private:
  using Lock = std::unique_lock<std::mutex>;

  std::optional<StreamEvent> take(Lock& lock);
  void fetch(Lock& lock);
  void accept(Tail tail);
  void sent();
  bool hasFetched() const noexcept { return given_ < fetched_.size(); }
  Item takeFetched();
  bool mayHaveMore() const noexcept;
  bool isReady() const;
  Instant nextDeadline() const noexcept;
  void refresh();
  void armLocked();
  void onTimer();

  const Setup setup_;
  const Instant expiresAt_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Pollable pollable_;
  Instant keepaliveAt_;
  std::vector<Item> fetched_;  // read from the log; those from given_ on the reader still gets
  std::size_t given_ = 0;
  std::int64_t fetchedSeq_;     // the log was read up to this place
  std::int64_t hintedSeq_ = 0;  // the log is said to reach this place
  bool look_ = true;            // something happened that a look at the store will tell
  bool roundOver_ = false;      // nothing will come after what was fetched
  bool backlog_ = false;
  bool endTold_ = false;
  StreamEnd end_ = StreamEnd::open;
  WorkflowStatus status_ = WorkflowStatus::running;
  std::optional<Scheduler::Key> timer_;
};

}  // namespace chatbot
