// What a stream's reader and those who wake it share.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/notifier.h"
#include "base/pollable.h"
#include "base/scheduler.h"
#include "chatbot/stream.h"
#include "stream/feed.h"
#include "stream/wait_set.h"

namespace chatbot::stream {

// What all streams of a hub use.
struct StreamServices {
  StreamServices(std::shared_ptr<Store> theStore, std::shared_ptr<Environment> theEnvironment,
                 const StreamOptions& theOptions)
      : store(std::move(theStore)),
        environment(std::move(theEnvironment)),
        options(theOptions),
        timers(std::make_shared<base::Scheduler>(environment), base::Timers::Tasks::prompt) {}

  // When the timer rings for a deadline: a little late, so that it rings once for many streams.
  Instant tickAfter(Instant deadline) const noexcept {
    const Instant::duration tick = options.keepalive / kTicksPerKeepalive;
    if (tick <= Instant::duration::zero()) return deadline;
    const Instant::duration late = tick - deadline.time_since_epoch() % tick;
    return deadline + late % tick;
  }
  static constexpr int kTicksPerKeepalive = 128;

  const std::shared_ptr<Store> store;
  const std::shared_ptr<Environment> environment;
  const StreamOptions options;
  base::Timers timers;
  base::Notifier notifier;
};

// Its reader calls next(); everything else comes from any thread. The feed's mutex guards it.
struct State : std::enable_shared_from_this<State> {
 public:
  struct Setup {
    std::shared_ptr<StreamServices> services;
    std::shared_ptr<Feed> feed;
    Scope scope;
    StreamStart start;
    std::function<bool()> mayRead;
    std::shared_ptr<void> slot;  // given back when the stream is gone
  };

  explicit State(Setup setup);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Into the feed, and out of everything.
  void open();
  void close();

  StreamEvent next(Timeout timeout);
  void finish(StreamEnd end) noexcept;
  void setBacklog(bool backlog) noexcept;

  int pollable();
  void onReady(std::function<void()> callback);
  bool enter(std::shared_ptr<WaitSetCore> set, std::uint64_t token);
  void leave(const WaitSetCore& set) noexcept;

  StreamEnd end() const noexcept;
  WorkflowStatus status() const noexcept;
  Position position() const noexcept;
  bool mayRead() const { return setup_.mayRead(); }
  const std::string& workflowId() const noexcept { return setup_.feed->workflowId(); }

  // From the feed, under its lock.
  void wakeFor(const Change& change, Wakes& wakes) noexcept;
  void wakeForDraft(Wakes& wakes) noexcept;
  void look() noexcept;  // at the store, before anything else
  void finishUnderLock(StreamEnd end) noexcept;

 private:
  using Lock = Feed::Lock;
  using ItemPointer = std::shared_ptr<const Item>;

  std::optional<StreamEvent> take(Lock& lock);
  bool takeItem(StreamEvent& event);
  bool takeDelta(StreamEvent& event);
  ItemPointer nextItem();
  void moveTo(std::int64_t seq) noexcept;
  void fetch(Lock& lock);
  void accept(Tail tail);
  void waitForStore();
  bool waitsForStore() const noexcept;
  bool shows(const Item& item) noexcept;
  void sent(Instant now);
  void setEnd(StreamEnd end) noexcept;  // the first end holds

  const OpenDraft* shownDraft() const noexcept;
  std::optional<std::int64_t> draftOffset() noexcept;
  std::string nextPiece(const OpenDraft& draft) const;
  std::int64_t startOf(const OpenDraft& draft) const noexcept;
  bool isShortOf(const OpenDraft& draft) const noexcept;
  void startDraft(const OpenDraft& draft) noexcept;

  bool mayHaveMore() const noexcept;
  bool isOver() const noexcept;
  bool hasDelta() const noexcept;
  bool isReady(Instant now) const noexcept;
  Instant nextDeadline() const noexcept;
  void refresh(Wakes* later = nullptr) noexcept { refresh(services().environment->now(), later); }
  void refresh(Instant now, Wakes* later = nullptr) noexcept;
  void arm() noexcept;
  void onTimer();

  StreamServices& services() const noexcept { return *setup_.services; }
  const Feed& feed() const noexcept { return *setup_.feed; }

  const Setup setup_;
  const Instant expiresAt_;

  std::condition_variable wake_;
  base::Pollable pollable_;
  WaitSetCore::Entry entry_;
  base::Notifier::Entry notice_;
  Instant keepaliveAt_;
  std::optional<Instant> storeRetryAt_;  // set while the store cannot be reached
  std::optional<base::Timers::Key> timer_;

  std::vector<ItemPointer> fetched_;  // read from the store; those from given_ on are still to give
  std::size_t given_ = 0;
  std::int64_t seq_;               // what was given, or passed over
  std::uint64_t draftSerial_ = 0;  // the draft that was shown last
  std::size_t draftBytes_ = 0;     // and how much of it
  std::int64_t draftLength_ = 0;   // in code points
  StreamEnd end_ = StreamEnd::open;
  WorkflowStatus status_ = WorkflowStatus::running;  // that the round or workflow has ended with
  bool look_ = true;                                 // a look at the store is due
  bool behind_ = false;                              // counted by the feed
  bool roundPassed_ = false;                         // an item of a later round was met
  bool backlog_ = false;
  bool endTold_ = false;
  bool wasReady_ = false;
  bool open_ = false;
};

}  // namespace chatbot::stream
