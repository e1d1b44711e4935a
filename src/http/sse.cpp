#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "chatbot/http.h"

namespace chatbot {
namespace {

constexpr std::string_view kFrameEnd = "\n\n";

// Item texts are JSON on one line: no line end in them can begin another field.
std::string itemHead(const Position& position) { return "id: " + toText(position) + "\ndata: "; }

std::string deltaFrame(const StreamEvent& event) {
  std::string frame = "id: " + toText(event.position) + "\nevent: delta\ndata: ";
  frame += toJson(event.delta);
  frame += kFrameEnd;
  return frame;
}

// Only the end of the round has a frame: after any other end a client comes back, and is sent it
// then.
std::string endFrame(const Stream& stream) {
  if (stream.end() != StreamEnd::finished && stream.end() != StreamEnd::removed) return {};
  const std::string_view status =
      stream.end() == StreamEnd::removed ? "deleted" : toText(stream.status());
  std::string frame = "event: end\ndata: ";
  base::JsonObject(frame).field("status", status).close();
  frame += "\n\n";
  return frame;
}

}  // namespace

SseStream::SseStream(std::unique_ptr<Stream> stream, bool endFrame)
    : stream_(std::move(stream)), endFrame_(endFrame), position_(stream_->position()) {}

SseStream::~SseStream() = default;

SseStream::Result SseStream::read(Timeout timeout, char* destination, std::size_t capacity,
                                  std::size_t& written) {
  written = 0;
  if (capacity == 0) return Result::wouldBlock;
  if (!hasPending() && !fetch(timeout)) return ended_ ? Result::end : Result::wouldBlock;
  do {
    const std::size_t left = pending_.size() - sent_;
    const bool fits = left <= capacity - written;
    if (!fits && written > 0) break;
    const std::size_t size = pending_.copy(sent_, destination + written, capacity - written);
    written += size;
    sent_ += size;
    if (!hasPending()) position_ = pending_.position.value_or(position_);
  } while (!hasPending() && fetchMore());
  stream_->setBacklog(hasPending() || taken_);
  return Result::data;
}

std::size_t SseStream::Frame::size() const noexcept {
  return head.size() + (item == nullptr ? 0 : item->json.size()) + tail.size();
}

std::size_t SseStream::Frame::copy(std::size_t from, char* destination,
                                   std::size_t capacity) const noexcept {
  const std::string_view json = item == nullptr ? std::string_view() : item->json;
  std::size_t written = 0;
  for (const std::string_view part : {std::string_view(head), json, tail}) {
    const std::size_t skipped = std::min(from, part.size());
    from -= skipped;
    written += part.substr(skipped).copy(destination + written, capacity - written);
  }
  return written;
}

// Makes the next frame pending. False where there is none now, and after the end.
bool SseStream::fetch(Timeout timeout) {
  if (ended_) return false;
  if (!taken_) taken_ = stream_->next(timeout);
  pending_ = frameOf(*taken_);  // without memory for it, taken_ stays for the next read
  sent_ = 0;
  ended_ = taken_->kind == StreamEvent::Kind::end;
  taken_.reset();
  return hasPending();
}

SseStream::Frame SseStream::frameOf(const StreamEvent& event) {
  switch (event.kind) {
    case StreamEvent::Kind::item:
      return {.head = itemHead(event.position),
              .item = event.item,
              .tail = kFrameEnd,
              .position = event.position};
    case StreamEvent::Kind::delta:
      return {.head = deltaFrame(event), .item = nullptr, .tail = {}, .position = event.position};
    case StreamEvent::Kind::keepalive:
      return {.head = ": keepalive\n\n", .item = nullptr, .tail = {}, .position = {}};
    case StreamEvent::Kind::end:
      return {
          .head = endFrame_ ? endFrame(*stream_) : "", .item = nullptr, .tail = {}, .position = {}};
    case StreamEvent::Kind::none:
      break;
  }
  return {};
}

// A fault of the store must not lose what was copied already: the next read meets it again.
bool SseStream::fetchMore() {
  try {
    return fetch(Timeout::zero());
  } catch (const std::exception&) {
    return false;
  }
}

int SseStream::pollable() { return stream_->pollable(); }

void SseStream::cancel() noexcept { stream_->cancel(); }

}  // namespace chatbot
