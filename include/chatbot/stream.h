// Pollable event streams: cursors on the logs of workflows.
//
// A stream is a place in a workflow's log. What it has not read yet stays in the store, so a slow
// reader holds a number, not a queue, and delays nobody. It ends by itself when its round has ended
// and all items were read, when the workflow is removed, when its time is up, when its caller has
// lost the right to read, or when it is cancelled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "chatbot/environment.h"
#include "chatbot/store.h"

namespace chatbot {

struct StreamOptions {
  std::chrono::milliseconds keepalive{15'000};  // silence after which a keepalive is due
  std::chrono::milliseconds lifetime{300'000};  // a stream's longest life
  std::size_t maxStreams = 100'000;             // open at once, for the engine
  std::size_t maxStreamsPerUser = 100;          // open at once, for a tenant's user
};

// Why a stream has ended.
enum class StreamEnd {
  open,       // it has not
  finished,   // the round ended; status says how
  removed,    // the workflow was deleted
  expired,    // its lifetime is over
  denied,     // the caller may no longer read the workflow
  cancelled,  // by cancel()
  shutdown,   // the engine was shut down
};

struct StreamEvent {
  enum class Kind { item, keepalive, end, none };
  Kind kind = Kind::none;  // none: nothing came within the timeout
  Item item;               // of kind item
};

// What a stream shows.
struct StreamStart {
  std::int64_t afterSeq = 0;          // items after this place
  std::optional<std::int64_t> round;  // only items of this round, and its end is the stream's end
};

class StreamHub;

// One reader at a time calls next(), end() and setBacklog(); everything else may be called from any
// thread. The destructor may run on any thread, but not beside another call on the same stream.
class Stream {
 public:
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // The next event, waited for at most `timeout`. Each item comes once, in order. After `end` every
  // further call answers `end`. Throws Error (unavailable) when the store cannot be read; the
  // stream keeps its place and may be tried again.
  StreamEvent next(Timeout timeout);

  // Why the stream has ended, once next() has said so; and the workflow's status at that moment.
  StreamEnd end() const noexcept;
  WorkflowStatus status() const noexcept;

  // A descriptor that is readable exactly while next() would not wait. Made on first request, owned
  // by the stream, valid as long as it: poll it, but never read or close it. Throws Error
  // (unavailable) when the process has no descriptor left.
  int pollable();

  // Ends the stream for its reader, now and for ever. Never waits. May be repeated.
  void cancel() noexcept;

  // The reader still holds bytes of what it was given: the stream stays ready until it says
  // otherwise.
  void setBacklog(bool backlog) noexcept;

  const std::string& workflowId() const noexcept;

  struct State;

 private:
  friend class StreamHub;
  explicit Stream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// Opens streams and wakes them. Any thread.
class StreamHub {
 public:
  StreamHub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
            StreamOptions options);
  ~StreamHub();  // ends what is still open
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  // A place among the open streams, taken before a stream is opened so that a refusal changes
  // nothing.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&&) noexcept = default;
    ~Slot() = default;

   private:
    friend class StreamHub;
    std::shared_ptr<void> lease_;
  };

  // Throws Error (unavailable, with a retry time) when a limit is reached or the hub is closed.
  Slot reserve(const Identity& identity);

  // `mayRead` is asked again by revalidate(); the stream ends when it says no.
  std::unique_ptr<Stream> open(Slot slot, Scope scope, std::string workflowId, StreamStart start,
                               std::function<bool()> mayRead);

  // Wakes the streams of a workflow. The store's change listener.
  void notify(const Change& change);

  // Asks every open stream whether its caller may still read, and ends those that may not.
  void revalidate();

  // Ends every stream and refuses new ones.
  void close() noexcept;

  std::size_t openStreams() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chatbot
