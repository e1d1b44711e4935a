// An open stream: what the reader of its events and those who wake it share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/notifier.h"
#include "base/scheduler.h"
#include "chatbot/stream.h"
#include "stream/deadlines.h"
#include "stream/draft_reader.h"
#include "stream/feed.h"
#include "stream/log_reader.h"
#include "stream/readiness.h"

namespace chatbot::stream {

// Shared by all streams of a hub, as they may outlive it.
struct StreamServices {
  StreamServices(std::shared_ptr<Store> theStore, std::shared_ptr<Environment> theEnvironment,
                 std::shared_ptr<base::Scheduler> scheduler, const StreamOptions& theOptions)
      : store(std::move(theStore)),
        environment(std::move(theEnvironment)),
        options(theOptions),
        timers(std::move(scheduler), base::Timers::Tasks::prompt) {}

  const std::shared_ptr<Store> store;
  const std::shared_ptr<Environment> environment;
  const StreamOptions options;
  base::Timers timers;
  base::Notifier notifier;
};

// Puts together the next event from the log, the draft and the deadlines, and decides when the
// stream has ended. Its reader calls next() on one thread at a time; everything else comes from any
// thread. The feed's lock guards all that is not constant.
class OpenStream : public Reader, public std::enable_shared_from_this<OpenStream> {
 public:
  struct Setup {
    std::shared_ptr<StreamServices> services;
    std::shared_ptr<Feed> feed;
    Scope scope;
    StreamStart start;
    std::function<bool()> mayRead;
    std::shared_ptr<void> slot;  // given back when the stream is gone
  };

  explicit OpenStream(Setup setup);
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  // Into the feed, and out of everything.
  void open();
  void close();

  // See Stream.
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
  void onChange(const Change& change, Wakes& wakes) noexcept override;
  void onDraft(Wakes& wakes) noexcept override;
  void onDoubt() noexcept override;
  void revalidate() override;
  void onEnd(StreamEnd end) noexcept override;

 protected:
  ~OpenStream() = default;

 private:
  using Lock = Feed::Lock;

  enum class Life {
    made,    // not in the feed yet
    live,    // it may have more events
    ending,  // it has ended, which its reader was not told yet
    ended,   // its reader knows
    closed   // out of the feed, for ever
  };

  std::optional<StreamEvent> take(Lock& lock);
  bool takeItem(StreamEvent& event);
  bool takeDelta(StreamEvent& event);
  void fetch(Lock& lock);
  void sent(Instant now) noexcept;
  void setEnd(StreamEnd end) noexcept;

  bool isReady(Instant now) const noexcept;
  Instant nextDeadline(Instant now) const noexcept;
  void refresh(Wakes* later = nullptr) noexcept { refresh(environment().now(), later); }
  void refresh(Instant now, Wakes* later = nullptr) noexcept;
  void arm(Instant now) noexcept;
  void ring() noexcept;

  StreamServices& services() const noexcept { return *setup_.services; }
  Environment& environment() const noexcept { return *setup_.services->environment; }
  Lock lock() const { return setup_.feed->lock(); }

  const Setup setup_;
  LogReader log_;
  DraftReader draft_;
  Readiness readiness_;
  Deadlines deadlines_;
  Life life_ = Life::made;
  StreamEnd end_ = StreamEnd::open;                  // the first end holds
  WorkflowStatus status_ = WorkflowStatus::running;  // that the round or workflow has ended with
  bool backlog_ = false;                             // the reader holds bytes of what it was given
};

}  // namespace chatbot::stream

struct chatbot::Stream::Impl final : chatbot::stream::OpenStream {
  using OpenStream::OpenStream;
};
