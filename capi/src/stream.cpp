// Streams, read as frames of server-sent events or event by event.
//
// A stream has one reader at a time. cancel, pollable and set_notify may run beside it: they touch
// the C++ stream only, which locks for itself, and none of the handle's own members.
#include "chatbot/stream.h"

#include <algorithm>
#include <new>

#include "callback.h"
#include "guard.h"

using namespace chatbot::capi;

namespace {

using Reading = chatbot_stream::Reading;
using chatbot::StreamEvent;

// Frames and events have positions of their own, so a stream is read in one way only.
void settleReading(chatbot_stream& stream, Reading reading) {
  if (stream.reading == Reading::undecided) stream.reading = reading;
  if (stream.reading == reading) return;
  throw chatbot::Error(chatbot::ErrorCode::misuse,
                       "A stream is read either as frames or event by event");
}

// Waiting and ending are expected states, so they are positive statuses and make no error object.
chatbot_status statusOf(chatbot::SseStream::Result result) noexcept {
  using Result = chatbot::SseStream::Result;
  if (result == Result::data) return CHATBOT_OK;
  return result == Result::end ? CHATBOT_END : CHATBOT_WOULD_BLOCK;
}

// The next event that is no keepalive: keepalives are for connections, and a reader of events waits
// on for the rest of its time.
StreamEvent nextBesidesKeepalives(chatbot::Stream& stream, chatbot::Timeout timeout,
                                  chatbot::Environment& environment) {
  const chatbot::Instant deadline = environment.now() + timeout;
  StreamEvent event = stream.next(timeout);
  while (event.kind == StreamEvent::Kind::keepalive) {
    if (timeout > chatbot::Timeout::zero()) {
      const auto left = std::chrono::ceil<chatbot::Timeout>(deadline - environment.now());
      timeout = std::max(left, chatbot::Timeout::zero());
    }
    event = stream.next(timeout);
  }
  return event;
}

// The event that was kept for a lack of memory, else the next one.
StreamEvent nextOf(chatbot_stream& stream, chatbot::Timeout timeout) {
  chatbot::Stream& events = stream.frames->events();
  if (stream.kept.kind == StreamEvent::Kind::none) {
    return nextBesidesKeepalives(events, timeout, stream.shared->engine->environment());
  }
  events.setBacklog(false);
  return std::exchange(stream.kept, {});
}

// The text of an event. Where there is no memory for it, the event is kept for the next call and
// the stream stays ready, so that no event is lost.
std::string takeText(chatbot_stream& stream, StreamEvent& event) {
  try {
    std::string text =
        event.kind == StreamEvent::Kind::delta ? toJson(event.delta) : event.item->json;
    stream.handed = event.position;
    return text;
  } catch (const std::bad_alloc&) {
    stream.kept = std::move(event);
    stream.frames->events().setBacklog(true);
    throw;
  }
}

// The position after what the reader has been given. A kept event was read but not given.
chatbot::Position positionOf(const chatbot_stream& stream) {
  const bool byFrames = stream.reading == Reading::frames;
  const bool hasKept = stream.kept.kind != StreamEvent::Kind::none;
  const chatbot::SseStream& frames = *stream.frames;
  if (hasKept) return stream.handed.value_or(frames.position());
  return byFrames ? frames.position() : stream.frames->events().position();
}

// The words for an end are part of the interface: hosts compare them.
const char* endOfRound(chatbot::WorkflowStatus status) noexcept {
  using chatbot::WorkflowStatus;
  if (status == WorkflowStatus::stopped) return "stopped";
  return status == WorkflowStatus::error ? "error" : "completed";
}

const char* toText(const chatbot::Stream& stream) noexcept {
  using chatbot::StreamEnd;
  switch (stream.end()) {
    case StreamEnd::open:
      return "open";
    case StreamEnd::finished:
      return endOfRound(stream.status());
    case StreamEnd::removed:
      return "deleted";
    case StreamEnd::expired:
      return "expired";
    case StreamEnd::denied:
      return "denied";
    case StreamEnd::cancelled:
      return "cancelled";
    case StreamEnd::shutdown:
      return "shutdown";
  }
  return "open";
}

}  // namespace

chatbot_status chatbot_stream_read(chatbot_stream* stream, int64_t timeout_ms, char* dst,
                                   size_t capacity, size_t* written, chatbot_error** err) noexcept {
  const auto read = [&] {
    chatbot_stream& reader = usable(stream, "stream");
    required(dst, "dst");
    size_t& count = required(written, "written");
    if (capacity == 0) {
      throw chatbot::Error(chatbot::ErrorCode::invalidArgument, "capacity must not be 0");
    }
    settleReading(reader, Reading::frames);
    return statusOf(reader.frames->read(timeout(timeout_ms), dst, capacity, count));
  };
  return guard(engineOf(stream), err, read, written);
}

chatbot_status chatbot_stream_next(chatbot_stream* stream, int64_t timeout_ms, int32_t* kind,
                                   chatbot_bytes** event, chatbot_error** err) noexcept {
  const auto next = [&]() -> chatbot_status {
    chatbot_stream& reader = usable(stream, "stream");
    chatbot_bytes*& answer = required(event, "event");
    settleReading(reader, Reading::events);
    auto bytes = makeHandle<chatbot_bytes>();  // before the event is read: it could be lost after
    StreamEvent read = nextOf(reader, timeout(timeout_ms));
    if (read.kind == StreamEvent::Kind::none) return CHATBOT_WOULD_BLOCK;
    if (read.kind == StreamEvent::Kind::end) return CHATBOT_END;
    const bool isDelta = read.kind == StreamEvent::Kind::delta;
    bytes->text = takeText(reader, read);
    if (kind != nullptr) *kind = isDelta ? CHATBOT_EVENT_DELTA : CHATBOT_EVENT_ITEM;
    answer = bytes.release();
    return CHATBOT_OK;
  };
  return guard(engineOf(stream), err, next, kind, event);
}

const char* chatbot_stream_place(chatbot_stream* stream) noexcept {
  if (stream == nullptr || stream->shared->inOtherProcess()) return "";
  try {  // it has no way to report an error: an empty position joins from the first item
    stream->position = toText(positionOf(*stream));
    return stream->position.c_str();
  } catch (...) {
    return "";
  }
}

const char* chatbot_stream_end_reason(const chatbot_stream* stream) noexcept {
  if (stream == nullptr) return "open";
  if (stream->shared->inOtherProcess()) return "shutdown";
  return toText(stream->frames->events());
}

chatbot_status chatbot_stream_pollable(chatbot_stream* stream, intptr_t* os_handle,
                                       chatbot_error** err) noexcept {
  const auto make = [&] {
    intptr_t& handle = required(os_handle, "os_handle");
    handle = usable(stream, "stream").frames->pollable();
  };
  return guard(engineOf(stream), err, make, os_handle);
}

chatbot_status chatbot_stream_set_notify(chatbot_stream* stream, chatbot_notify_fn notify,
                                         void* user_data, chatbot_destroy_fn destroy) noexcept {
  return guard(engineOf(stream), nullptr, [&] {
    // Made first: the user data must be given back also when the handle cannot be used.
    std::function<void()> callback = notifyBy(notify, adopt(user_data, destroy));
    usable(stream, "stream").frames->events().onReady(std::move(callback));
  });
}

void chatbot_stream_cancel(chatbot_stream* stream) noexcept {
  if (stream == nullptr || stream->shared->inOtherProcess()) return;
  stream->frames->cancel();
}

void chatbot_stream_free(chatbot_stream* stream) noexcept { release(stream); }
