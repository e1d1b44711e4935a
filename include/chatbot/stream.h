/// @file
/// Pollable event streams: cursors on the logs of workflows.
///
/// A stream is a position in a workflow's log. What it has not read yet stays in the store, so a
/// slow reader holds a number, not a queue, and delays nobody; what is newest is shared in memory
/// by all readers of a workflow, as is the text of the message that is being written. A stream ends
/// by itself when its round has ended and all items were read, when the workflow is removed, when
/// its time is up, when its caller has lost the right to read, or when it is cancelled.
///
/// An Engine opens its streams itself (Engine::start, Engine::join). A host that uses the store
/// alone makes a StreamHub over it and passes it the store's changes:
///
///     StreamHub hub(store, systemEnvironment(), {});
///     store->onChange([&](const Change& change) { hub.notify(change); });
///     auto stream = hub.open(hub.reserve(caller), scope, workflowId, {}, [] { return true; });
///     for (StreamEvent event = stream->next(kForever); event.kind != StreamEvent::Kind::end;
///          event = stream->next(kForever)) { … }
///
/// No thread waits for a stream: streams cost memory only, and one thread of the hub serves the
/// deadlines of all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chatbot/environment.h"
#include "chatbot/store.h"

namespace chatbot {

struct StreamOptions {
  std::chrono::milliseconds keepalive{15'000};  ///< silence after which a keepalive is due
  std::chrono::milliseconds lifetime{300'000};  ///< a stream's longest life
  std::size_t maxStreams = 100'000;             ///< open at once, for the engine
  std::size_t maxStreamsPerUser = 100;          ///< open at once, for a tenant's user
};

/// Why a stream has ended.
enum class StreamEnd {
  open,       ///< it has not
  finished,   ///< the round ended; status says how
  removed,    ///< the workflow was deleted
  expired,    ///< its lifetime is over
  denied,     ///< the caller may no longer read the workflow
  cancelled,  ///< by cancel()
  shutdown,   ///< the engine was shut down
};

/// A position in a stream: how much its reader has been sent. A stream that is opened after it goes
/// on exactly there.
struct Position {
  std::int64_t seq = 0;  ///< the place of the newest item that was sent
  /// Code points of the draft that was open then; absent where none was, or for a reader without
  /// deltas.
  std::optional<std::int64_t> offset{};

  bool operator==(const Position&) const = default;
};

/// "7" or "7.120": the `id` of a server-sent event, and its Last-Event-ID.
std::string toText(const Position& position);

/// Reads it back. Nothing for any other text.
std::optional<Position> parsePosition(std::string_view text);

/// Text of the draft that the reader has not been sent yet.
struct StreamDelta {
  std::string messageId;    ///< of the message that the draft will become
  std::int64_t offset = 0;  ///< of its first code point in the message
  std::string text;
};

/// {"id": "…", "offset": 0, "text": "…"}
std::string toJson(const StreamDelta& delta);

struct StreamEvent {
  enum class Kind {
    item,       ///< the next item of the log
    delta,      ///< text of the draft, for a reader that has asked for deltas
    keepalive,  ///< nothing was sent for StreamOptions::keepalive
    end,        ///< the stream has ended; Stream::end says why
    none        ///< nothing came within the timeout
  };
  Kind kind = Kind::none;
  std::shared_ptr<const Item> item;  ///< of kind item; shared with the other readers
  StreamDelta delta;                 ///< of kind delta
  Position position;                 ///< after it, for an item and a delta
};

/// The part of a workflow that a stream shows.
struct StreamStart {
  Position after{};                       ///< the stream begins behind this position
  std::optional<std::int64_t> round{};    ///< only this round, and its end is the stream's end
  bool deltas = false;                    ///< the draft's text too, as it is written
  std::optional<WorkflowStatus> ended{};  ///< how the round ended, where a later one has begun
};

namespace stream {
class Hub;  // private to the library
}

/// One reader at a time calls next(), end(), position() and setBacklog(); everything else may be
/// called from any thread. The destructor may run on any thread, but not beside another call on the
/// same stream.
///
/// A stream that waits can be waited for in four ways with one meaning, alone or together: next()
/// with a timeout, a descriptor, a callback, and a WaitSet. Its deadlines (keepalive, lifetime)
/// count as something to read, so a host needs no timer; who waits by anything but next() learns of
/// one up to 1/128 of the keepalive time late, together with others.
///
/// A reader that stops reading costs at most 16 KiB and one item here, whatever it has missed,
/// beside the workflow's newest items (128 KiB and one append), which all its readers share.
class Stream {
 public:
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// The next event, waited for at most `timeout`. Each item comes once, in order; deltas that the
  /// reader has missed come joined, 16 KiB at most at a time. After `end` every further call
  /// answers `end`. While the store cannot be reached there is nothing to read but keepalives; the
  /// stream looks again every half second and goes on where it was. Throws Error (internal) for
  /// another fault of the store; it keeps its position then, too, and may be tried again.
  StreamEvent next(Timeout timeout);

  /// Why the stream has ended, once next() has said so; and the workflow's status at that moment.
  StreamEnd end() const noexcept;
  WorkflowStatus status() const noexcept;

  /// A descriptor that is readable exactly while next() would not wait. Made on first request,
  /// owned by the stream, valid as long as it: poll it, but never read or close it. Throws Error
  /// (unavailable) when the process has no descriptor left.
  int pollable();

  /// Calls `callback`, from a thread of the library, each time that the stream becomes ready after
  /// next() has found nothing, and once if it is ready now. It must be short. Null takes it back:
  /// afterwards it is not running and will not run, unless this is called from within it. Throws
  /// Error (unavailable) for a callback after the hub was closed.
  void onReady(std::function<void()> callback);

  /// Ends the stream for its reader, now and for ever. Never waits. May be repeated.
  void cancel() noexcept;

  /// The reader still holds bytes of what it was given: the stream stays ready until it says
  /// otherwise.
  void setBacklog(bool backlog) noexcept;

  /// The position after the last event that was taken.
  Position position() const noexcept;

  const std::string& workflowId() const noexcept;

 private:
  friend class stream::Hub;
  friend class WaitSet;
  struct Impl;
  explicit Stream(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// One wait for any number of streams. Any thread; streams and sets may go in any order.
class WaitSet {
 public:
  explicit WaitSet(std::shared_ptr<Environment> environment);
  ~WaitSet();  ///< its streams are in no set any more; not beside a wait
  WaitSet(const WaitSet&) = delete;
  WaitSet& operator=(const WaitSet&) = delete;

  /// `token` is what wait() answers for the stream. Throws Error (misuse) for a stream that is in a
  /// set.
  void add(Stream& stream, std::uint64_t token);

  /// A stream of another set, or of none, is left alone.
  void remove(Stream& stream) noexcept;

  struct Result {
    std::size_t count = 0;  ///< tokens that were written
    bool woken = false;     ///< wake() was called
  };

  /// Waits at most `timeout` until a stream is ready or wake() was called, and writes the tokens of
  /// streams that are: as many as there is room for, and the others first the next time.
  /// Level-triggered: a stream that stays ready comes again.
  Result wait(Timeout timeout, std::span<std::uint64_t> tokens);

  /// Ends the wait that runs, or the next one. Several wakes before a wait are one.
  void wake() noexcept;

  /// A descriptor that is readable exactly while wait() would not wait; see Stream::pollable.
  int pollable();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Opens streams and wakes them, for a host that uses the store without an Engine. Any thread.
class StreamHub {
 public:
  StreamHub(std::shared_ptr<Store> store, std::shared_ptr<Environment> environment,
            StreamOptions options);
  ~StreamHub();  ///< closes it; streams may outlive it
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  /// One of the streams that may be open at once. It is taken before a stream is opened, so that a
  /// refusal changes nothing, and is free again when its stream goes, or without a stream when this
  /// goes.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&&) noexcept = default;
    Slot& operator=(Slot&&) noexcept = default;
    ~Slot() = default;

   private:
    friend class stream::Hub;
    std::shared_ptr<void> lease_;
  };

  /// Throws Error (unavailable, with a retry time) when a limit is reached or the hub is closed.
  Slot reserve(const Identity& identity);

  /// A stream reads within `scope`: a workflow outside it counts as removed. `mayRead` is asked
  /// now, and again by revalidate(); the stream ends as `denied` when it says no. It is asked under
  /// a lock and must be short. A stream that begins in a draft that is not open any more goes on
  /// with the item that it has become.
  std::unique_ptr<Stream> open(Slot slot, const Scope& scope, std::string_view workflowId,
                               StreamStart start, std::function<bool()> mayRead);

  /// Wakes the streams of a workflow. To be called for each change of the store, in their order:
  /// see Store::onChange.
  void notify(const Change& change);

  /// Asks every open stream whether its caller may still read, and ends those that may not. To be
  /// called after the access rules were changed.
  void revalidate();

  /// Ends every stream as `shutdown` and refuses new ones. May be repeated.
  void close() noexcept;

  std::size_t openStreams() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chatbot
